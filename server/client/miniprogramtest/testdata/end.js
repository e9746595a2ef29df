/* The SDK against the real server and the sandbox. Run by end_test.go. */
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { at, ask, control, backend, phone, redemptions } = require('./phone');
const { SDK } = require('./hub');

// enter is a mini-program that starts on a phone of its own.
async function enter() {
  for (const file of Object.keys(require.cache)) {
    if (file.startsWith(SDK)) { delete require.cache[file]; }
  }
  const wx = global.wx = await phone();
  return { wx, hub: require(SDK).connect({ url: at.url }) };
}

const order = (more) => backend('POST', '/v1/orders', Object.assign({ merchant_id: at.merchant, amount: 1990, description: 'tea' }, more));
const end = (token) => ask(at.url + '/v1/logout', 'POST', undefined, { Authorization: 'Bearer ' + token }); // behind the SDK's back
const error = async (p) => { try { await p; } catch (e) { return e; } throw new Error('it succeeded'); };

test('three lines: connect, log in, pay', async () => {
  const { hub } = await enter();
  const { user, newUser } = await hub.login();
  const paid = await hub.pay((await order({ user_id: user.id })).id);
  assert.deepEqual([newUser, paid.status, paid.amount, paid.payments[0].method, paid.payments[0].status], [true, 'paid', 1990, 'mini_program', 'paid']);
});

test('20 concurrent calls at an expired session cause one login', async () => {
  const { wx, hub } = await enter();
  const { token, user } = await hub.login();
  await end(token);
  const before = await redemptions();
  const all = await Promise.all(Array.from({ length: 20 }, () => hub.me()));
  assert.ok(all.every((u) => u.id === user.id));
  assert.equal(wx.log.filter((l) => l === 'login').length, 2);
  assert.equal(await redemptions(), before + 1);
});

test('sessions that end at any moment: one login at a time, no lost caller', async () => {
  const { wx, hub } = await enter();
  const { user } = await hub.login();
  let tokens = 0;
  const calls = [];
  for (let round = 0; round < 12; round++) {
    for (let i = 0; i < 8; i++) { calls.push(hub.me()); }
    const held = [...wx.storage.values()][0];
    if (held) { tokens++; await end(JSON.parse(held).token); }
    await Promise.race(calls.slice(-8)).catch(() => {});
  }
  const all = await Promise.allSettled(calls);
  // A call whose second session was ended as well may fail; it must not hang, or see another person.
  assert.ok(all.every((o) => (o.status === 'fulfilled' ? o.value.id === user.id : o.reason.status === 401)));
  assert.ok(all.filter((o) => o.status === 'fulfilled').length > 0);
  assert.ok(tokens > 5 && wx.log.filter((l) => l === 'login').length > 2, tokens + ' sessions were ended');
  assert.equal(wx.most, 1);
});

test('a collect code: the user makes the order, two taps charge once', async () => {
  const { wx, hub } = await enter();
  const made = await hub.createOrder({ collect_code: 'counter-1', amount: 1234 }, 'tap-1');
  assert.equal((await hub.createOrder({ collect_code: 'counter-1', amount: 1234 }, 'tap-1')).id, made.id);
  const [a, b] = await Promise.all([hub.pay(made.id), hub.pay(made.id)]);
  assert.deepEqual([a.status, b.status, a.payments.length], ['paid', 'paid', 1]);
  assert.equal(wx.log.filter((l) => l === 'requestPayment').length, 1);
  assert.equal((await hub.pay(made.id)).status, 'paid'); // and a third tap opens nothing
  assert.equal(wx.log.filter((l) => l === 'requestPayment').length, 1);
});

test('a user makes orders of collect codes only, and within their limits', async () => {
  const { hub } = await enter();
  const e = await error(hub.createOrder({ collect_code: 'counter-1', amount: 99999999 }));
  assert.deepEqual([e.code, e.status, e.errors[0].field], ['invalid_input', 422, 'amount']);
  assert.ok(e.requestId);
  assert.equal((await error(hub.createOrder({ merchant_id: at.merchant, amount: 1, description: 'd' }))).code, 'api_key_required');
});

test('cancelled, out of money, then paid', async () => {
  const { wx, hub } = await enter();
  const { id } = await order();
  for (const result of ['cancel', 'not_enough']) {
    wx.result = result;
    const e = await error(hub.pay(id));
    assert.ok(['payment_cancelled', 'payment_failed'].includes(e.code) && /^requestPayment:fail/.test(e.errMsg), result + ': ' + e);
    assert.equal(e.order.status, 'pending');
  }
  wx.result = 'success';
  const paid = await hub.pay(id);
  assert.deepEqual([paid.status, paid.payments.filter((p) => p.status === 'paid').length], ['paid', 1]);
});

test('the notification is lost: the server asks WeChat Pay, and the payer sees it', async () => {
  const { hub } = await enter();
  const { id } = await order();
  await control('POST', '/sandbox/faults', { match: 'notify', kind: 'drop', times: 3 });
  assert.equal((await hub.pay(id)).status, 'paid');
  await control('DELETE', '/sandbox/faults');
});

test('WeChat\'s phone says cancel though it was paid', async () => {
  const { wx, hub } = await enter();
  const { id } = await order();
  const real = wx.requestPayment;
  wx.requestPayment = (o) => real(Object.assign({}, o, { success: () => o.fail({ errMsg: 'requestPayment:fail cancel' }) }));
  assert.equal((await hub.pay(id)).status, 'paid');
});

test('WeChat Pay fails in passing during the prepay, and for good', async () => {
  const { hub } = await enter();
  const { id } = await order();
  await hub.login();
  await control('POST', '/sandbox/faults', { match: '/v3/pay/transactions/jsapi', kind: 'http_500', times: 1 });
  assert.equal((await hub.pay(id)).status, 'paid');
  const late = await order({ user_id: (await backend('GET', '/v1/users')).data.at(-1).id });
  const e = await error(hub.pay(late.id));
  assert.deepEqual([e.code, e.status, e.retryable], ['not_your_order', 403, false]);
});

test('a phone number', async () => {
  const { wx, hub } = await enter();
  const { code } = await control('POST', '/sandbox/phone-codes', { app_id: at.app, user: wx.user.id });
  await end((await hub.login()).token); // the session ends first: the code is not lost for that
  const user = await hub.phone(code);
  assert.equal(user.phone, wx.user.phone);
  assert.equal((await error(hub.phone('nonsense'))).code, 'phone_code_invalid');
});

test('logout ends the session on the server', async () => {
  const { hub } = await enter();
  const { token } = await hub.login();
  await hub.logout();
  assert.equal((await ask(at.url + '/v1/me', 'GET', undefined, { Authorization: 'Bearer ' + token })).status, 401);
});

test('what is not there', async () => {
  const { hub } = await enter();
  assert.equal((await error(hub.getOrder('01ARZ3NDEKTSV4RRFFQ69G5FAV'))).code, 'order_not_found');
  assert.equal((await error(hub.request('/v1/nothing'))).code, 'no_such_route');
  assert.deepEqual((await hub.request('/v1/orders?limit=5')).data, []);
});
