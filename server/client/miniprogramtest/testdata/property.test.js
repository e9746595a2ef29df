'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { fresh } = require('./hub');
const { random } = require('./clock');

const RUNS = Number(process.env.WXHUB_TEST_RUNS || 300);

// watchLogins counts logins that are under way, from wx.login to the end of its call, and codes.
function watchLogins(w) {
  const seen = { most: 0, codes: new Set(), twice: 0 };
  const login = w.wx.login;
  let asking = 0;
  w.wx.login = (o) => {
    seen.most = Math.max(seen.most, ++asking);
    login.call(w.wx, Object.assign({}, o, {
      success: (a) => { asking--; o.success(a); }, fail: (a) => { asking--; o.fail(a); },
    }));
  };
  const request = w.wx.request;
  w.wx.request = (o) => {
    if (!o.url.endsWith('/v1/login/mini-program')) { return request.call(w.wx, o); }
    if (seen.codes.has(o.data.code)) { seen.twice++; }
    seen.codes.add(o.data.code);
    seen.most = Math.max(seen.most, ++asking);
    return request.call(w.wx, Object.assign({}, o, {
      success: (a) => { asking--; o.success(a); }, fail: (a) => { asking--; o.fail(a); },
    }));
  };
  return seen;
}

// Random callers at random times, while sessions end, networks fail and answers are lost.
test('no interleaving makes two logins at a time, sends a code twice, or loses a caller', async () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const r = random(seed), w = fresh();
    const seen = watchLogins(w);
    const bad = r.below(4) / 10;
    w.hub.latency = () => r.below(3000);
    w.hub.expiresIn = 50 + r.below(100); // mostly over at once, or soon
    w.wx.nextLogin = () => (r.chance(bad / 3) ? 'system error' : 'ok');
    const serve = w.hub.serve.bind(w.hub);
    w.hub.serve = (req, answer) => {
      if (r.chance(bad)) {
        w.hub.fault('', [{ fail: 'request:fail ' }, { fail: 'request:fail ', lost: true }, w.hub.problem(401, 'session_invalid'), w.hub.problem(503, 'unavailable')][r.below(4)]);
      }
      if (r.chance(0.1)) { w.hub.tokens.clear(); }
      serve(req, answer);
    };
    const callers = [];
    const clients = [w.client, w.sdk.connect({ url: 'https://pay.example' })];
    for (let i = 2 + r.below(20); i > 0; i--) {
      callers.push(new Promise((resolve) => setTimeout(() => {
        const c = clients[r.below(2)];
        resolve([() => c.me(), () => c.login(), () => c.login({ fresh: true }), () => c.phone('p'), () => c.createOrder({ amount: 1 }), () => c.logout()][r.below(6)]());
      }, r.below(20000))));
    }
    const { value, error } = await w.settle(Promise.allSettled(callers));
    assert.equal(error, undefined, 'seed ' + seed);
    assert.ok(seen.most <= 1, 'seed ' + seed + ': ' + seen.most + ' logins at a time');
    assert.equal(seen.twice, 0, 'seed ' + seed + ': a code was sent twice');
    for (const o of value) {
      assert.ok(o.status === 'fulfilled' || o.reason instanceof w.sdk.WxhubError, 'seed ' + seed + ': ' + (o.reason && o.reason.stack));
    }
    if (bad === 0) { assert.ok(value.every((o) => o.status === 'fulfilled' || o.reason.status === 401), 'seed ' + seed); }
  }
});

// Whatever the phone says and however the server is reached: pay resolves with a paid order, or
// it says why not, and never that an order is unpaid which it saw paid.
test('pay never claims what the server does not say', async () => {
  let paid = 0;
  for (let seed = 1; seed <= RUNS; seed++) {
    const r = random(seed), w = fresh();
    const order = w.hub.order('o1'), bad = r.below(5) / 10;
    let sawPaid = false;
    const answer = w.hub.answer.bind(w.hub);
    w.hub.answer = (req) => JSON.parse(JSON.stringify(answer(req)));
    w.wx.thumb = (o, close) => {
      if (r.chance(0.6)) { setTimeout(() => { order.status = ['paid', 'partially_refunded', 'refunded', 'closed'][r.chance(0.7) ? 0 : r.below(4)]; }, r.below(90000)); }
      for (let i = r.below(3); i > 0; i--) { setTimeout(() => w.wx.show(), r.below(60000)); }
      const result = ['ok', 'cancel', 'system error', 'never'][r.below(4)];
      if (result === 'never') { setTimeout(() => w.wx.show(), 60000); } else { setTimeout(() => close(result), r.below(60000)); }
    };
    const serve = w.hub.serve.bind(w.hub);
    w.hub.serve = (req, told) => {
      if (r.chance(bad)) { w.hub.fault('', [{ fail: 'request:fail ' }, w.hub.problem(429, 'too_many_requests'), w.hub.problem(500, 'internal')][r.below(3)]); }
      serve(req, (a) => { sawPaid = sawPaid || /^(paid|partially_refunded|refunded)$/.test((a.body || {}).status); told(a); });
    };
    const o = await w.settle(w.client.pay('o1'));
    if (o.error) {
      assert.ok(o.error instanceof w.sdk.WxhubError, 'seed ' + seed + ': ' + o.error.stack);
      assert.ok(!sawPaid || w.hub.requests.at(-1).path.endsWith('/prepay'), 'seed ' + seed + ': an answer said paid, pay said ' + o.error.code);
    } else {
      paid++;
      assert.ok(sawPaid && /^(paid|partially_refunded|refunded)$/.test(o.value.status), 'seed ' + seed);
    }
  }
  assert.ok(paid > RUNS / 10, paid + ' of ' + RUNS + ' were paid');
});
