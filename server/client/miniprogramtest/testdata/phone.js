/* A phone for the end-to-end tests: wx.login and wx.requestPayment are the sandbox's, whose phone
   checks the paySign, and wx.request is a real request. The rest is the stub of wx.js. */
'use strict';

const { fakeWx } = require('./wx');

const env = (name) => {
  if (!process.env[name]) { throw new Error(name + ' is not set; end_test.go sets it'); }
  return process.env[name];
};
const at = { url: env('WXHUB_URL'), control: env('WXHUB_CONTROL'), app: env('WXHUB_APP'), merchant: env('WXHUB_MERCHANT'), key: env('WXHUB_KEY') };

async function ask(url, method, body, header) {
  const answer = await fetch(url, { method, headers: Object.assign({ 'Content-Type': 'application/json' }, header), body: body && JSON.stringify(body) });
  const text = await answer.text();
  let data = text;
  try { data = JSON.parse(text); } catch (e) { /* not JSON */ }
  return { status: answer.status, data, header: Object.fromEntries(answer.headers) };
}

// control calls the sandbox's control API.
async function control(method, path, body) {
  const a = await ask(at.control + path, method, body);
  if (a.status >= 300) { throw new Error(method + ' ' + path + ': ' + a.status + ' ' + JSON.stringify(a.data)); }
  return a.data;
}

// backend calls the server as the shop's backend, which the mini-program never is.
async function backend(method, path, body) {
  const a = await ask(at.url + path, method, body, { Authorization: 'Bearer ' + at.key });
  if (a.status >= 300) { throw new Error(method + ' ' + path + ': ' + a.status + ' ' + JSON.stringify(a.data)); }
  return a.data;
}

let people = 0;

// phone makes a WeChat user and their wx. result is what their thumb does in the sheet.
async function phone() {
  const user = await control('POST', '/sandbox/users', { name: 'person-' + process.pid + '-' + (++people) });
  const wx = fakeWx(null, { appId: at.app, user, result: 'success', asking: 0, most: 0 });
  const back = (o, ok, result) => {
    const call = ok ? o.success : o.fail;
    if (call) { call(result); }
    if (o.complete) { o.complete(result); }
  };
  wx.login = (o) => {
    wx.log.push('login');
    wx.most = Math.max(wx.most, ++wx.asking);
    control('POST', '/sandbox/login-codes', { app_id: at.app, user: user.id }).then(
      ({ code }) => back(o, true, { errMsg: 'login:ok', code }), (e) => back(o, false, { errMsg: 'login:fail ' + e.message }));
  };
  wx.request = (o) => {
    const path = o.url.replace(/^https?:\/\/[^/]+/, '');
    wx.log.push((o.method || 'GET') + ' ' + path);
    const login = path === '/v1/login/mini-program';
    const end = () => { if (login) { wx.asking--; } };
    const header = Object.assign({}, o.header);
    fetch(o.url, { method: o.method, headers: header, body: o.data === undefined ? undefined : JSON.stringify(o.data) }).then(async (answer) => {
      const text = await answer.text();
      let data = text;
      try { data = JSON.parse(text); } catch (e) { /* stays text */ }
      end();
      back(o, true, { errMsg: 'request:ok', statusCode: answer.status, data, header: Object.fromEntries(answer.headers) });
    }, (e) => { end(); back(o, false, { errMsg: 'request:fail ' + e.message }); });
  };
  wx.requestPayment = (o) => {
    wx.log.push('requestPayment');
    const { timeStamp, nonceStr, package: pack, signType, paySign, appId } = o;
    control('POST', '/sandbox/pay', { invoke: { appId, timeStamp, nonceStr, package: pack, signType, paySign }, user: user.id, result: wx.result }).then((p) => {
      const said = p.err_msg.replace(/^get_brand_wcpay_request:/, 'requestPayment:');
      back(o, /:ok$/.test(said), { errMsg: said });
    }, (e) => back(o, false, { errMsg: 'requestPayment:fail ' + e.message }));
  };
  return wx;
}

// redemptions counts the codes that the server has redeemed at WeChat so far.
async function redemptions() {
  const { entries } = await control('GET', '/sandbox/log');
  return entries.filter((e) => e.path.startsWith('/sns/jscode2session')).length;
}

module.exports = { at, ask, control, backend, phone, redemptions };
