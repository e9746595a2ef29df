'use strict';
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { Stage, app, file, read } = require('./stage');
const { fresh, URL } = require('./hub');
const wxml = require('./wxml');

// open starts the example on the phone and the server of the unit tests.
async function open(url, config) {
  const w = fresh();
  w.stage = new Stage(w.wx, Object.assign({ url: URL, collectCode: 'counter-1' }, config));
  const answer = w.hub.answer.bind(w.hub);
  w.hub.answer = (r) => {
    const a = answer(r);
    if (a.body && a.body.amount) { Object.assign(a.body, { description: '街角茶铺', expires_at: '2026-03-05T10:00:00Z', paid_at: '2026-03-05T09:30:00Z', amount_refunded: a.body.amount_refunded || 0 }); }
    return a;
  };
  w.done = async () => { await w.settle(w.stage.busy); assert.deepEqual(w.stage.failures, []); };
  w.tap = async (label) => { w.stage.tap(label); await w.done(); };
  if (url) { w.stage.go(url, () => {}); await w.done(); }
  return w;
}

const SHOP = 'pages/shop/shop', PAY = '/pages/pay/pay?order=', RESULT = '/pages/result/result?order=';

test('every page has what WeChat needs, and everything that is named is there', () => {
  assert.equal(JSON.parse(read('project.config.json')).compileType, 'miniprogram');
  for (const name of ['sitemap.json', 'theme.json']) { JSON.parse(read(name)); }
  const shared = read('app.wxss');
  for (const route of app.pages) {
    JSON.parse(read(route + '.json'));
    const tree = wxml.parse(read(route + '.wxml')), style = shared + read(route + '.wxss'), script = read(route + '.js');
    const look = (node) => {
      for (const child of node.children.filter((c) => c.tag)) {
        const classes = (child.attributes.class || '') + ' ' + (child.attributes['hover-class'] || '');
        for (const c of classes.replace(/\{\{[^}]*\}\}/g, ' ').split(/\s+/).filter((x) => x)) {
          assert.ok(style.includes('.' + c + ' ') || c === 'center' || ['item-text', 'step', 'foot'].includes(c), route + ' has the class ' + c + ', and no style for it');
        }
        for (const event of ['bindtap', 'bindload']) {
          const handler = child.attributes[event];
          assert.ok(!handler || script.includes('\n  ' + handler + ': function'), route + ' has no ' + handler);
        }
        look(child);
      }
    };
    look(tree);
  }
});

test('no key, no secret and no server of somebody is in the example', () => {
  const walk = (dir) => fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? walk(path.join(dir, e.name)) : [path.join(dir, e.name)]));
  for (const name of walk(file('.'))) {
    const text = fs.readFileSync(name, 'utf8');
    for (const [, host] of text.matchAll(/https?:\/\/([A-Za-z0-9.-]+)/g)) {
      assert.ok(/^(127\.0\.0\.1|localhost|pay\.example\.com)$/.test(host), name + ' names ' + host);
    }
    assert.ok(!/api_key|appsecret|whsec_|BEGIN [A-Z ]*PRIVATE/i.test(text.replace(/API key/g, '')), name);
  }
});

test('shop, login, pay, result', async () => {
  const w = await open(SHOP);
  assert.match(w.stage.sees, /街角茶铺.*龙井.*¥ 19.90.*¥ 0.00 去支付$/);
  await w.tap('去支付'); // an empty basket
  assert.equal(w.stage.page.route, SHOP);
  for (const label of ['增加龙井', '增加龙井', '增加桂花糕', '增加普洱', '减少普洱']) { await w.tap(label); }
  assert.match(w.stage.sees, /¥ 51.85 共 3 件 去支付$/);
  w.stage.picture('shop');
  w.stage.tap('去支付');
  w.stage.tap('请稍候'); // a second tap
  await w.done();
  await w.done();
  const made = w.hub.requests.filter((r) => r.path === '/v1/orders');
  assert.deepEqual(made.map((r) => r.body), [{ collect_code: 'counter-1', amount: 5185 }]);
  assert.equal(w.count('login'), 1);
  await w.done();
  assert.match(w.stage.sees, /街角茶铺 ¥ 51.85 .*微信支付$/);
  w.stage.picture('pay');
  w.wx.thumb = (o, close) => { w.hub.orders.get('o1').status = 'paid'; close('ok'); };
  await w.tap('微信支付');
  await w.done();
  assert.match(w.stage.sees, /^✓ 付款成功 ¥ 51.85/);
  w.stage.picture('paid');
  await w.tap('返回小店');
  assert.deepEqual(w.stage.stack.map((p) => p.route), [SHOP]);
});

test('an order whose answer was lost is not made twice; another basket is another order', async () => {
  const w = await open(SHOP);
  await w.tap('增加龙井');
  const dead = { fail: 'request:fail ' };
  w.hub.fault('POST /v1/orders', dead, dead, dead);
  await w.tap('去支付');
  assert.match(w.stage.sees, /网络好像断了.*编号 mp-/);
  w.stage.picture('shop-offline');
  await w.tap('去支付');
  w.stage.back();
  await w.tap('增加龙井');
  await w.tap('去支付');
  const keys = w.hub.requests.filter((r) => r.path === '/v1/orders').map((r) => r.header['idempotency-key']);
  assert.equal(keys.length, 5);
  assert.equal(new Set(keys.slice(0, 4)).size, 1);
  assert.notEqual(keys[4], keys[0]);
});

test('an amount beyond the limits', async () => {
  const w = await open(SHOP);
  await w.tap('增加龙井');
  w.hub.fault('POST /v1/orders', w.hub.problem(422, 'invalid_input', { errors: [{ field: 'amount', message: 'm' }] }));
  await w.tap('去支付');
  assert.match(w.stage.sees, /超出了本店的限额/);
  for (let i = 0; i < 120; i++) { await w.tap('增加龙井'); }
  assert.match(w.stage.sees, /共 99 件/);
});

test('cancelled, failed, slowed down: the order stays and can be paid', async () => {
  const w = await open(null);
  w.hub.order('o1');
  w.stage.go(PAY + 'o1', () => {});
  await w.done();
  w.wx.thumb = (o, close) => close('cancel');
  await w.tap('微信支付');
  assert.match(w.stage.sees, /微信支付 您取消了付款/);
  w.stage.picture('cancelled');
  w.wx.thumb = (o, close) => close('system error');
  await w.tap('微信支付');
  assert.match(w.stage.sees, /付款没有成功/);
  w.hub.fault('POST /v1/orders/o1/prepay', w.hub.problem(429, 'too_many_requests'));
  await w.tap('微信支付');
  assert.match(w.stage.sees, /太快了.*编号 req-1/);
  w.hub.fault('POST /v1/orders/o1/prepay', w.hub.problem(500, 'internal'));
  await w.tap('微信支付');
  assert.match(w.stage.sees, /出了点问题/);
  w.hub.fault('POST /v1/orders/o1/prepay', w.hub.problem(409, 'order_expired'));
  await w.tap('微信支付');
  assert.match(w.stage.sees, /^! 订单已过期.*返回小店$/);
  w.stage.picture('expired');
  await w.tap('返回小店');
  assert.equal(w.stage.page.route, SHOP);
});

test('two taps on pay open one sheet', async () => {
  const w = await open(null);
  w.hub.order('o1');
  w.stage.go(PAY + 'o1', () => {});
  await w.done();
  w.wx.thumb = (o, close) => { w.hub.orders.get('o1').status = 'paid'; close('ok'); };
  const first = w.stage.tap('微信支付');
  w.stage.tap('正在付款…');
  await w.settle(first);
  await w.done();
  assert.equal(w.count('requestPayment'), 1);
});

test('an order that cannot be read, and one that is there after all', async () => {
  const w = await open(PAY + 'o1');
  assert.match(w.stage.sees, /^! 没有找到这个订单/);
  const v = await open(null);
  v.hub.order('o1');
  const dead = { fail: 'request:fail ' };
  v.hub.fault('GET /v1/orders/o1', dead, dead, dead); // tried three times
  v.stage.go(PAY + 'o1', () => {});
  assert.match(v.stage.sees, /正在读取订单/);
  await v.done();
  assert.match(v.stage.sees, /网络好像断了.*再试一次/);
  await v.tap('再试一次');
  assert.match(v.stage.sees, /¥ 19.90/);
  const none = await open('/pages/pay/pay');
  assert.match(none.stage.sees, /出了点问题|没有找到/);
});

test('an order that is paid already leads to its result', async () => {
  const w = await open(null);
  w.hub.order('o1', { status: 'partially_refunded', amount_refunded: 505, payments: [{ status: 'closed' }, { status: 'paid', transaction_id: '4200001' }] });
  w.stage.go(PAY + 'o1', () => {});
  await w.done();
  await w.done();
  assert.match(w.stage.sees, /付款成功.*已退款 ¥5.05.*4200001/);
  w.stage.picture('refunded');
});

test('the result never says paid before the server does', async () => {
  const w = await open(null);
  w.hub.order('o1');
  w.stage.go(PAY + 'o1', () => {});
  await w.done();
  w.wx.thumb = (o, close) => close('ok');
  w.stage.tap('微信支付');
  await w.done(); // a minute of looks, then the result page begins its own
  assert.match(w.stage.sees, /正在确认付款/);
  w.stage.picture('checking');
  w.stage.page.check(); // another check joins nothing
  await w.done();
  assert.match(w.stage.sees, /还没有收到结果.*不要重复付款/);
  w.stage.picture('unknown');
  w.hub.orders.get('o1').status = 'paid';
  await w.tap('再查一次');
  assert.match(w.stage.sees, /付款成功/);
});

test('results that are none', async () => {
  const w = await open(RESULT + 'o1');
  assert.match(w.stage.sees, /没有找到这个订单.*再查一次/);
  w.hub.order('o1', { status: 'closed' });
  await w.tap('再查一次');
  assert.match(w.stage.sees, /^! 订单已关闭，请重新下单/);
  w.stage.picture('closed');
  const v = await open(null);
  v.hub.order('o1');
  v.stage.go(RESULT + 'o1', () => {});
  await v.done();
  await v.tap('我还没有付款');
  assert.equal(v.stage.page.route, 'pages/pay/pay');
  assert.equal((await open('/pages/result/result')).stage.page.data.state, 'trouble');
});

test('the web-view hands the cashier of an order over, and nothing else', async () => {
  const id = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
  const w = await open('/pages/web/web');
  assert.equal(w.stage.page.data.src, URL + '/c/counter-1');
  const load = (src) => { w.stage.page.loaded({ detail: { src } }); return w.stage.page.route; };
  for (const src of [URL + '/c/counter-1', URL + '/pay/' + id + '/state', URL + '/pay/short', 'https://evil.example/pay/' + id, URL + '.evil.example/pay/' + id, undefined]) {
    assert.equal(load(src), 'pages/web/web', src);
  }
  w.hub.order(id);
  assert.equal(load(URL + '/pay/' + id + '?x=1#pay'), 'pages/pay/pay');
  await w.done();
  assert.match(w.stage.sees, /¥ 19.90/);
  for (const [path, want] of [['%2Fpay%2F' + id, '/pay/' + id], ['%2F%2Fevil.example', '/c/counter-1'], ['https%3A%2F%2Fevil.example', '/c/counter-1'], ['%40evil.example', '/c/counter-1']]) {
    assert.equal((await open('/pages/web/web?path=' + path)).stage.page.data.src, URL + want);
  }
});

test('with the sandbox: its codes, its sheet, and what goes wrong there', async () => {
  const w = await open(null, { sandbox: { url: 'https://sandbox.example', appId: 'wx-sandbox', user: 'payer' } });
  const asked = [];
  const serve = w.hub.serve.bind(w.hub);
  let refuse = '', said = 'requestPayment:ok';
  w.hub.serve = (r, answer) => {
    if (!r.url.startsWith('https://sandbox.example')) { serve(r, answer); return; }
    asked.push([r.path, r.body]);
    if (r.path === '/sandbox/users' && asked.length > 1) { answer({ status: 409, body: { message: 'there is one' } }); return; }
    if (r.path === refuse) { answer({ status: 404, body: { message: 'no such user' } }); return; }
    answer(r.path === '/sandbox/pay' ? { status: 200, body: { err_msg: said } } : { status: 201, body: { code: 'sandbox-' + asked.length } });
  };
  let confirm = true;
  w.wx.showModal = (o) => setTimeout(() => o.success({ confirm, cancel: !confirm }), 1);
  w.hub.order('o1');
  w.stage.go(PAY + 'o1', () => {});
  await w.done();
  assert.deepEqual(w.hub.requests[0].body, { app_id: 'wx-sandbox', code: 'sandbox-2' });
  assert.deepEqual(asked.map((a) => a[0]), ['/sandbox/users', '/sandbox/login-codes']);
  confirm = false;
  said = 'requestPayment:fail cancel';
  await w.tap('微信支付');
  assert.match(w.stage.sees, /您取消了付款/);
  assert.deepEqual([asked.at(-1)[1].result, asked.at(-1)[1].invoke.paySign, asked.at(-1)[1].user], ['cancel', 's', 'payer']);
  refuse = '/sandbox/pay';
  await w.tap('微信支付');
  assert.match(w.stage.sees, /付款没有成功/);
  refuse = '';
  confirm = true;
  said = 'requestPayment:ok';
  w.hub.orders.get('o1').status = 'paid';
  w.hub.tokens.clear(); // another login: the user is there by now
  await w.tap('微信支付');
  await w.done();
  assert.match(w.stage.sees, /付款成功/);
  assert.equal(w.hub.logins, 2);
});

test('the app starts whatever the login does', async () => {
  const w = fresh();
  w.wx.nextLogin = () => 'system error';
  new Stage(w.wx, { url: URL, collectCode: 'counter-1' });
  await w.settle(new Promise((resolve) => setTimeout(resolve, 5000)));
  assert.equal(w.count('login'), 1);
});
