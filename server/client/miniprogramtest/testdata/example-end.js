/* The example against the real server and the sandbox, through its own sandbox.js. Run by end_test.go. */
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { at, backend, phone } = require('./phone');
const { Stage } = require('./stage');

// WeChat's own login and sheet are not there: the sandbox's have to do.
async function open(confirm) {
  const wx = await phone();
  wx.login = wx.requestPayment = () => { throw new Error('the real WeChat was asked'); };
  wx.showModal = (o) => setTimeout(() => o.success({ confirm: confirm() }), 1);
  return new Stage(wx, { url: at.url, collectCode: 'counter-1', sandbox: { url: at.control, appId: at.app, user: wx.user.name } });
}

// until waits for what the payer sees.
async function until(stage, what) {
  for (const late = Date.now() + 30000; !what.test(stage.sees);) {
    assert.deepEqual(stage.failures, []);
    assert.ok(Date.now() < late, 'the payer sees: ' + stage.sees);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('shop, login, pay, result', async () => {
  let confirm = false;
  const stage = await open(() => confirm);
  stage.go('/pages/shop/shop', () => {});
  stage.tap('增加普洱');
  stage.tap('增加桂花糕');
  stage.tap('去支付');
  await until(stage, /Corner shop ¥ 50.05 .*微信支付$/);
  stage.tap('微信支付');
  await until(stage, /您取消了付款/);
  confirm = true;
  stage.tap('微信支付');
  await until(stage, /^✓ 付款成功 ¥ 50.05 .*Corner shop.*\d{28}/);
  const { data } = await backend('GET', '/v1/orders?limit=1');
  assert.deepEqual([data[0].status, data[0].amount, data[0].collect_code, data[0].payments.length], ['paid', 5005, 'counter-1', 1]);
});

test('an order of a backend, handed over by a page in the web-view', async () => {
  const stage = await open(() => true);
  const order = await backend('POST', '/v1/orders', { merchant_id: at.merchant, amount: 1990, description: 'A pot of tea' });
  stage.go('/pages/web/web', () => {});
  const page = await fetch(at.url + '/pay/' + order.id, { headers: { 'User-Agent': 'Mozilla/5.0 (iPhone) MicroMessenger/8.0.42 miniProgram/wx14211cb2fd9f805123', 'Accept-Language': 'en' } });
  assert.match(await page.text(), /Continue in the mini-program/); // where the page cannot pay
  stage.page.loaded({ detail: { src: page.url } });
  await until(stage, /A pot of tea ¥ 19.90/);
  stage.tap('微信支付');
  await until(stage, /^✓ 付款成功 ¥ 19.90/);
});
