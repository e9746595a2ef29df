/* A wxhub as small as the unit tests need, and fresh(), which loads the SDK anew into a world
   of its own. The real server is tried by end.test.js. */
'use strict';

const path = require('node:path');
const { Clock } = require('./clock');
const { fakeWx, APP } = require('./wx');

const SDK = path.join(__dirname, '..', '..', 'miniprogram', 'wxhub');
const URL = 'https://pay.example';
const INVOKE = { appId: APP, timeStamp: '1700000000', nonceStr: 'n', package: 'prepay_id=p1', signType: 'RSA', paySign: 's' };

class Hub {
  constructor() {
    this.tokens = new Map();
    this.orders = new Map();
    this.codes = new Set();
    this.logins = 0;
    this.expiresIn = 7200;
    this.requests = [];
    this.faults = []; // [test(request), answer]: the next matching request gets the answer instead
    this.latency = () => 5;
  }

  order(id, more) {
    const o = Object.assign({ id, status: 'created', amount: 1990, payments: [] }, more);
    this.orders.set(id, o);
    return o;
  }

  // fault makes the next requests with this method and path prefix go wrong.
  fault(what, ...answers) {
    for (const a of answers) { this.faults.push([(r) => (r.method + ' ' + r.path).startsWith(what), a]); }
  }

  serve(r, answer) {
    this.requests.push(r);
    setTimeout(() => {
      const i = this.faults.findIndex(([match]) => match(r));
      if (i >= 0) {
        const [, a] = this.faults.splice(i, 1)[0];
        if (a === 'silent') { return; }
        if (a.lost) { this.answer(r); } // it was done, and nobody heard
        answer(a);
        return;
      }
      answer(Object.assign({ header: { 'x-request-id': r.header['x-request-id'] } }, this.answer(r)));
    }, this.latency(r));
  }

  problem(status, code, more) {
    return { status, body: Object.assign({ type: 'about:blank', title: 't', status, code, detail: 'about ' + code, request_id: 'req-1' }, more), header: { 'X-Request-Id': 'req-1' } };
  }

  answer(r) {
    if (r.path === '/v1/login/mini-program') {
      if (this.codes.has(r.body.code)) { return this.problem(409, 'login_code_used'); }
      this.codes.add(r.body.code);
      this.logins++;
      const token = 'token-' + this.logins;
      this.tokens.set(token, 'user-1');
      return { status: 200, body: { token, token_type: 'Bearer', expires_in: this.expiresIn, new_user: this.logins === 1, user: { id: 'user-1', identities: [], created_at: 't' } } };
    }
    const token = (r.header.authorization || '').replace(/^Bearer /, '');
    if (!this.tokens.has(token)) { return this.problem(401, 'session_invalid'); }
    if (r.path === '/v1/logout') { this.tokens.delete(token); return { status: 204 }; }
    if (r.path === '/v1/me' || r.path === '/v1/me/phone') { return { status: 200, body: { id: 'user-1', identities: [], phone: '13800000000', created_at: 't' } }; }
    if (r.path === '/v1/orders') { return { status: 201, body: this.order('o' + (this.orders.size + 1), { amount: r.body.amount }) }; }
    const [, id, act] = /^\/v1\/orders\/([^/?]+)(\/prepay)?/.exec(r.path) || [];
    const o = this.orders.get(decodeURIComponent(id));
    if (!o) { return this.problem(404, 'order_not_found'); }
    if (!act) { return { status: 200, body: o }; }
    if (o.status === 'paid') { return this.problem(409, 'order_paid'); }
    o.status = 'pending';
    return { status: 200, body: { order: o, payment: {}, invoke: INVOKE } };
  }
}

// fresh loads the SDK as a mini-program does that starts. With a world of before it is the same
// phone and server, at a later time.
function fresh(before) {
  const w = before || { clock: new Clock(), hub: new Hub() };
  if (!before) { w.wx = fakeWx((r, a) => w.hub.serve(r, a)); }
  for (const file of Object.keys(require.cache)) {
    if (file.startsWith(SDK)) { delete require.cache[file]; }
  }
  global.wx = w.wx;
  w.clock.install();
  w.sdk = require(SDK);
  w.client = w.sdk.connect({ url: URL });
  w.settle = (p) => w.clock.settle(p);
  // value and error say what became of a promise, and that it was the one and not the other.
  w.value = async (p) => { const o = await w.settle(p); if (o.error) { throw o.error; } return o.value; };
  w.error = async (p) => { const o = await w.settle(p); if (!o.error) { throw new Error('it succeeded'); } return o.error; };
  w.count = (what) => w.wx.log.filter((l) => l.startsWith(what)).length;
  return w;
}

module.exports = { fresh, Hub, URL, APP, INVOKE, SDK };
