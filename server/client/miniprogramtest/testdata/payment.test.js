'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { fresh } = require('./hub');

// stage has an order and a payer whose thumb does `result`; paid is when the server hears of the
// payment, in milliseconds after the sheet closed, or never.
async function stage(result, paid) {
  const w = fresh();
  await w.value(w.client.login());
  const order = w.hub.order('o1');
  w.pays = (ms) => setTimeout(() => { order.status = 'paid'; }, ms);
  w.wx.thumb = (o, close) => {
    w.given = o;
    if (paid !== undefined) { w.pays(paid); }
    close(result);
  };
  w.order = order;
  w.looks = () => w.hub.requests.filter((r) => r.method === 'GET' && r.path.startsWith('/v1/orders/o1'));
  return w;
}

test('pay: prepay, sheet, truth', async () => {
  const w = await stage('ok', 0);
  const order = await w.value(w.client.pay('o1'));
  assert.deepEqual([order.id, order.status], ['o1', 'paid']);
  const { timeStamp, nonceStr, package: pack, signType, paySign } = w.given;
  assert.deepEqual({ timeStamp, nonceStr, pack, signType, paySign }, { timeStamp: '1700000000', nonceStr: 'n', pack: 'prepay_id=p1', signType: 'RSA', paySign: 's' });
  assert.equal(w.looks().length, 1); // and WeChat Pay was not bothered
  assert.equal(w.looks()[0].path, '/v1/orders/o1');
  assert.equal(w.wx.listeners(), 0);
});

test('success of the sheet is no success until the server knows; it is asked less and less often', async () => {
  const w = await stage('ok', 20000);
  const begun = w.clock.time;
  const order = await w.value(w.client.pay('o1'));
  assert.equal(order.status, 'paid');
  assert.ok(w.clock.time - begun >= 20000);
  assert.ok(w.looks().length < 12);
  assert.ok(w.looks().slice(1).every((r) => r.path.endsWith('?refresh=true')));
});

test('a payment that the server never hears of is unknown, after a minute', async () => {
  const w = await stage('ok');
  const begun = w.clock.time;
  const e = await w.error(w.client.pay('o1'));
  assert.deepEqual([e.code, e.order.status, e.errMsg], ['payment_unknown', 'pending', 'requestPayment:ok']);
  assert.ok(w.clock.time - begun < 90000);
  assert.equal(w.looks().length, 13);
  w.pays(5000);
  assert.equal((await w.value(w.client.confirm('o1'))).status, 'paid'); // asked again
});

test('an order that closed while it was paid is waited for', async () => {
  const w = await stage('ok', 6000);
  w.wx.thumb = (o, close) => { w.order.status = 'closed'; w.pays(6000); close('ok'); };
  assert.equal((await w.value(w.client.pay('o1'))).status, 'paid');
  const v = await stage('ok');
  v.wx.thumb = (o, close) => { v.order.status = 'closed'; close('ok'); };
  assert.equal((await v.error(v.client.pay('o1'))).code, 'order_closed');
});

test('cancel, fail and unknown are told apart', async () => {
  for (const [result, code] of [['cancel', 'payment_cancelled'], ['fail', 'payment_failed'], ['parameter error', 'payment_failed'], ['', 'payment_failed']]) {
    const w = await stage(result);
    const e = await w.error(w.client.pay('o1'));
    assert.deepEqual([e.code, e.order.status], [code, 'pending'], result);
    if (result) { assert.match(e.errMsg, /^requestPayment:fail/); }
  }
});

test('WeChat that says cancel or fail may be wrong', async () => {
  for (const result of ['cancel', 'system error']) {
    const w = await stage(result, 100);
    assert.equal((await w.value(w.client.pay('o1'))).status, 'paid');
    const v = await stage(result);
    v.wx.thumb = (o, close) => { v.order.status = 'closed'; close(result); };
    assert.equal((await v.error(v.client.pay('o1'))).code, 'order_closed');
  }
});

test('a failed sheet and a silent server are unknown, not failed', async () => {
  const w = await stage('system error');
  const dead = { fail: 'request:fail ' };
  w.hub.fault('GET /v1/orders', dead, dead, dead);
  const e = await w.error(w.client.pay('o1'));
  assert.deepEqual([e.code, e.order], ['payment_unknown', undefined]);
});

test('silence, slow-downs and outages do not end the watch; losing the order does', async () => {
  const w = await stage('ok', 3000);
  w.hub.fault('GET /v1/orders', { fail: 'request:fail ' }, w.hub.problem(429, 'too_many_requests'), w.hub.problem(500, 'internal'), { status: 502, text: '<html>' });
  assert.equal((await w.value(w.client.pay('o1'))).status, 'paid');
  for (const [status, code] of [[403, 'not_your_order'], [404, 'order_not_found']]) {
    const v = await stage('ok');
    v.hub.fault('GET /v1/orders', v.hub.problem(status, code));
    assert.equal((await v.error(v.client.pay('o1'))).code, code);
  }
  const v = await stage('ok');
  v.hub.fault('GET /v1/orders', v.hub.problem(401, 'session_invalid'), v.hub.problem(401, 'session_invalid'));
  assert.equal((await v.error(v.client.pay('o1'))).status, 401);
});

test('a session that ends during the payment does not end the payment', async () => {
  const w = await stage('ok', 2000);
  const thumb = w.wx.thumb;
  w.wx.thumb = (o, close) => { w.hub.tokens.clear(); thumb(o, close); };
  assert.equal((await w.value(w.client.pay('o1'))).status, 'paid');
  assert.equal(w.hub.logins, 2);
});

test('two taps open one sheet', async () => {
  const w = await stage('ok', 1000);
  const [a, b] = await w.value(Promise.all([w.client.pay('o1'), w.client.pay('o1')]));
  assert.equal(a, b);
  assert.equal(w.count('requestPayment'), 1);
  assert.equal((await w.value(w.client.pay('o1'))).status, 'paid'); // paid: no third sheet
  assert.equal(w.count('requestPayment'), 1);
  const v = await stage('cancel');
  await v.error(v.client.pay('o1'));
  await v.error(v.client.pay('o1')); // after a cancel it can be tried again
  assert.equal(v.count('requestPayment'), 2);
});

test('a prepay whose answer is lost is asked for again; one that is refused is told', async () => {
  const w = await stage('ok', 0);
  w.hub.fault('POST /v1/orders/o1/prepay', { fail: 'request:fail ', lost: true }, w.hub.problem(409, 'payment_replaced'));
  await w.value(w.client.pay('o1'));
  assert.equal(w.count('requestPayment'), 1);
  const v = await stage('ok');
  v.hub.fault('POST /v1/orders/o1/prepay', v.hub.problem(409, 'order_expired'));
  assert.equal((await v.error(v.client.pay('o1'))).code, 'order_expired');
  assert.equal(v.count('requestPayment'), 0);
});

test('a WeChat that forgets to call back: the mini-program is shown again, and the server knows', async () => {
  for (const status of ['paid', 'partially_refunded', 'refunded']) {
    const w = await stage('never');
    w.wx.thumb = () => { setTimeout(() => w.wx.show(), 3000); setTimeout(() => w.wx.show(), 3500); setTimeout(() => { w.order.status = status; }, 9000); };
    assert.equal((await w.value(w.client.pay('o1'))).status, status);
    assert.equal(w.wx.listeners(), 0);
    assert.ok(w.looks().length <= 6, w.looks().length + ' looks'); // shown twice, watched once
  }
});

test('neither WeChat nor the server says anything: unknown in the end', async () => {
  const w = await stage('never');
  w.wx.thumb = () => { setTimeout(() => w.wx.show(), 3000); };
  const e = await w.error(w.client.pay('o1'));
  assert.deepEqual([e.code, e.order.status, w.wx.listeners()], ['payment_unknown', 'pending', 0]);
  w.wx.thumb = () => { setTimeout(() => w.wx.show(), 3000); setTimeout(() => w.hub.orders.clear(), 4000); };
  assert.equal((await w.error(w.client.pay('o1'))).code, 'order_not_found');
  assert.equal(w.wx.listeners(), 0);
});

test('a payer who looks away for a while and then pays or cancels', async () => {
  const w = await stage('never');
  w.wx.thumb = (o, close) => {
    setTimeout(() => w.wx.show(), 1000);
    setTimeout(() => { w.pays(0); close('ok'); close('ok'); }, 8300);
  };
  assert.equal((await w.value(w.client.pay('o1'))).status, 'paid');
  await w.settle(new Promise((resolve) => setTimeout(resolve, 60000)));
  assert.equal(w.looks().length, 6 + 1); // six while it was not known, one after, and none since
  const v = await stage('never');
  v.wx.thumb = (o, close) => { setTimeout(() => v.wx.show(), 1000); setTimeout(() => close('cancel'), 8300); };
  assert.equal((await v.error(v.client.pay('o1'))).code, 'payment_cancelled');
});

test('an answer that arrives during a look from before is the one that counts', async () => {
  // The look is under way when WeChat calls back, and sees the order paid, or gone.
  for (const after of ['paid', 'gone']) {
    const w = await stage('never');
    w.hub.latency = (r) => (r.method === 'GET' ? 2000 : 5);
    w.wx.thumb = (o, close) => {
      setTimeout(() => w.wx.show(), 1000);
      setTimeout(() => close('ok'), 1500);
      setTimeout(() => { if (after === 'paid') { w.order.status = 'paid'; } else { w.hub.fault('GET /v1/orders', w.hub.problem(404, 'order_not_found')); } }, 2000);
      setTimeout(() => { w.order.status = 'paid'; w.wx.show(); }, 4000);
    };
    assert.equal((await w.value(w.client.pay('o1'))).status, 'paid', after);
  }
});

test('base libraries without onAppShow', async () => {
  const w = await stage('ok', 0);
  w.wx.onAppShow = w.wx.offAppShow = undefined;
  await w.value(w.client.pay('o1'));
});

test('a sheet that refuses its parameters at once', async () => {
  const w = await stage('ok');
  w.hub.fault('POST /v1/orders/o1/prepay', { status: 200, body: { invoke: {} } });
  assert.match((await w.error(w.client.pay('o1'))).message, /requestPayment needs/);
});

test('what confirm finds', async () => {
  const w = await stage('ok');
  w.order.status = 'closed';
  assert.equal((await w.error(w.client.confirm('o1'))).code, 'order_closed');
  w.order.status = 'refunded';
  assert.equal((await w.value(w.client.confirm('o1'))).status, 'refunded');
});
