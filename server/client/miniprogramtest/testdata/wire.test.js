'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { fresh, URL } = require('./hub');

test('connect says what it needs', () => {
  const w = fresh();
  for (const bad of [undefined, {}, { url: '' }, { url: 'pay.example' }, { url: 'https://' }, { url: 'ftp://x' }]) {
    assert.throws(() => w.sdk.connect(bad), (e) => e.code === 'url_missing' && /connect needs/.test(e.message));
  }
});

test('a problem of the server becomes an error with its code, fields and request id', async () => {
  const w = fresh();
  w.hub.fault('POST /v1/orders', w.hub.problem(422, 'invalid_input', { errors: [{ field: 'amount', message: 'too much' }], upstream: { service: 'wechat_pay', code: 'PARAM_ERROR' } }));
  const e = await w.error(w.client.createOrder({ collect_code: 'counter-1', amount: 1 }));
  assert.deepEqual(
    [e.name, e.code, e.message, e.status, e.requestId, e.retryable, e.errors[0].field, e.upstream.code],
    ['WxhubError', 'invalid_input', 'about invalid_input', 422, 'req-1', false, 'amount', 'PARAM_ERROR']);
  assert.match(e.stack, /invalid_input/);
  assert.equal(w.hub.requests.filter((r) => r.path === '/v1/orders').length, 1);
});

test('the request id of an answer without one of ours in the body is that of the header, or our own', async () => {
  const w = fresh();
  const problem = { status: 404, body: { code: 'no_such_route', detail: 'd' } };
  w.hub.fault('GET /v1/x', Object.assign({ header: { 'X-REQUEST-ID': 'req-9' } }, problem), Object.assign({ header: { Date: 'd' } }, problem));
  assert.equal((await w.error(w.client.request('/v1/x'))).requestId, 'req-9');
  const e = await w.error(w.client.request('/v1/x'));
  assert.match(e.requestId, /^mp-[0-9a-z]{16}$/);
  assert.equal(e.requestId, w.hub.requests.at(-1).header['x-request-id']);
});

test('what is not an answer of wxhub is called so', async () => {
  for (const [answer, retryable] of [
    [{ status: 502, text: '<html>Bad Gateway</html>' }, true], [{ status: 404, text: '<html>' }, false], [{ status: 200, text: '<html>' }, false],
    [{ status: 200, body: null, text: '' }, false], [{ status: 403, body: {} }, false], [{ status: 301, body: { code: 7 } }, false], [{ status: 505, text: '' }, false],
  ]) {
    const w = fresh();
    w.hub.fault('PUT /v1/x', answer);
    const e = await w.error(w.client.request('/v1/x', { method: 'PUT', body: { a: 1 } }));
    assert.deepEqual([e.code, e.status, e.retryable], ['unreadable_answer', answer.status, retryable], JSON.stringify(answer));
  }
});

test('JSON that a platform leaves as text is read', async () => {
  const w = fresh();
  w.wx.leavesText = true;
  assert.equal((await w.value(w.client.me())).id, 'user-1');
  await w.value(w.client.logout());
});

test('no network, no answer, no permission', async () => {
  for (const [fault, code, retryable] of [
    [{ fail: 'request:fail -118:net::ERR_CONNECTION_TIMED_OUT' }, 'network', true], [{ fail: 'request:fail timeout' }, 'timeout', true],
    ['silent', 'timeout', true], [{ fail: 'request:fail url not in domain list' }, 'domain_not_allowed', false],
  ]) {
    const w = fresh();
    await w.value(w.client.login());
    w.hub.fault('PUT /v1/x', fault);
    const e = await w.error(w.client.request('/v1/x', { method: 'PUT' }));
    assert.deepEqual([e.code, e.retryable, e.status], [code, retryable, undefined]);
    assert.equal(e.requestId, w.hub.requests.at(-1).header['x-request-id']);
    if (code === 'domain_not_allowed') { assert.match(e.message, /合法域名/); }
  }
});

test('a WeChat that never calls back does not hold anybody', async () => {
  const w = fresh();
  await w.value(w.client.login());
  w.wx.ignoresTimeout = true;
  w.hub.fault('PUT /v1/x', 'silent');
  assert.equal((await w.error(w.client.request('/v1/x', { method: 'PUT' }))).code, 'timeout');
});

test('a failure without words is a failure', async () => {
  const w = fresh();
  await w.value(w.client.login());
  const request = w.wx.request;
  for (const said of [undefined, {}]) {
    w.wx.request = (o) => setTimeout(() => o.fail(said), 1);
    assert.equal((await w.error(w.client.request('/v1/x', { method: 'PUT' }))).errMsg, 'request:fail');
  }
  w.wx.request = request;
});

test('what is safe is repeated, twice at most; what is not is not', async () => {
  const dead = { fail: 'request:fail ' };
  for (const [call, times, want] of [
    [(c) => c.request('/v1/x'), 2, 3], [(c) => c.request('/v1/x', {}), 3, 3], [(c) => c.request('/v1/x', { method: 'POST', body: {} }), 1, 1],
    [(c) => c.request('/v1/x', { method: 'POST', body: {}, idempotencyKey: 'k' }), 1, 2],
  ]) {
    const w = fresh();
    await w.value(w.client.login());
    const begun = w.hub.requests.length;
    w.hub.answer = () => ({ status: 200, body: {} });
    w.hub.fault('', ...Array(times).fill(dead));
    const o = await w.settle(call(w.client));
    assert.equal(w.hub.requests.length - begun, want);
    assert.equal(o.error ? o.error.code : 'ok', times >= want ? 'network' : 'ok');
  }
});

test('passing failures of the server are repeated, others are not', async () => {
  for (const [status, code, want] of [
    [503, 'unavailable', 2], [504, 'wechat_timeout', 2], [502, 'wechat_unavailable', 2], [502, 'wechat_rejected', 1], [429, 'too_many_requests', 1], [500, 'internal', 1], [409, 'conflict', 1],
  ]) {
    const w = fresh();
    await w.value(w.client.login());
    const begun = w.hub.requests.length;
    w.hub.fault('GET /v1/me', w.hub.problem(status, code));
    await w.settle(w.client.me());
    assert.equal(w.hub.requests.length - begun, want, code);
  }
});

test('an order that is repeated carries one key, and two orders two', async () => {
  const w = fresh();
  await w.value(w.client.login());
  w.hub.fault('POST /v1/orders', { fail: 'request:fail ', lost: true });
  await w.value(w.client.createOrder({ collect_code: 'counter-1', amount: 1990 }));
  await w.value(w.client.createOrder({ collect_code: 'counter-1', amount: 1990 }));
  await w.value(w.client.createOrder({ collect_code: 'counter-1', amount: 1990 }, 'mine'));
  const keys = w.hub.requests.filter((r) => r.path === '/v1/orders').map((r) => r.header['idempotency-key']);
  assert.equal(keys[0], keys[1]);
  assert.equal(new Set(keys).size, 3);
  assert.equal(keys[3], 'mine');
  assert.match(keys[0], /^[0-9a-z]{16}$/);
});

test('ids do not lead elsewhere', async () => {
  const w = fresh();
  await w.settle(w.client.getOrder('../me?x', { refresh: true }));
  assert.equal(w.hub.requests.at(-1).url, URL + '/v1/orders/..%2Fme%3Fx?refresh=true');
  await w.settle(w.client.getOrder('a'));
  assert.equal(w.hub.requests.at(-1).path, '/v1/orders/a');
});
