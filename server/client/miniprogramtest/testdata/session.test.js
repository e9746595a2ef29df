'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { fresh, URL, APP } = require('./hub');

const LOGIN = 'POST /v1/login/mini-program';

test('a login is one wx.login and one call, and is kept', async () => {
  const w = fresh();
  const first = await w.value(w.client.login());
  assert.deepEqual([first.newUser, first.user.id, first.token], [true, 'user-1', 'token-1']);
  assert.deepEqual(w.hub.requests[0].body, { app_id: APP, code: 'code-1' });
  assert.equal(w.hub.requests[0].header.authorization, undefined);
  const second = await w.value(w.client.login());
  assert.deepEqual([second.newUser, second.user.id], [false, 'user-1']);
  assert.equal(w.count('login'), 1);
});

test('20 concurrent calls at an expired session cause one login', async () => {
  const w = fresh();
  await w.value(w.client.login());
  w.hub.tokens.clear(); // it is over, and the phone does not know
  const users = await w.value(Promise.all(Array.from({ length: 20 }, () => w.client.me())));
  assert.equal(users.length, 20);
  assert.equal(w.count('login'), 2);
  assert.equal(w.hub.logins, 2);

  w.clock.time += 3 * 3600 * 1000; // it is over, and the phone knows
  await w.value(Promise.all(Array.from({ length: 20 }, () => w.client.me())));
  assert.equal(w.hub.logins, 3);
});

test('clients of one server share the session, and those of two do not', async () => {
  const w = fresh();
  const twin = w.sdk.connect({ url: URL + '/' }), other = w.sdk.connect({ url: 'https://other.example', appId: 'wx2', wx: w.wx });
  await w.value(Promise.all([w.client.login(), twin.login(), w.client.me()]));
  assert.equal(w.hub.logins, 1);
  await w.value(other.login());
  assert.equal(w.hub.requests.at(-1).body.app_id, 'wx2');
  assert.equal(w.wx.storage.size, 2);
});

test('a session outlives the mini-program, and no longer than the server said', async () => {
  const w = fresh();
  await w.value(w.client.login());
  const again = fresh(w);
  await again.value(again.client.me());
  assert.equal(w.hub.logins, 1);
  w.clock.time += 7200 * 1000 - 60000; // a minute early
  const late = fresh(w);
  await late.value(late.client.me());
  assert.equal(w.hub.logins, 2);
  w.clock.time -= 10 * 3600 * 1000; // the clock was put back: who knows
  const back = fresh(w);
  await back.value(back.client.me());
  assert.equal(w.hub.logins, 3);
});

test('what storage holds is not trusted', async () => {
  for (const held of ['x', 7, null, { token: 7 }, { token: 't' }, { token: 't', savedAt: 1 }, { token: 't', savedAt: 1, expiresAt: 'soon' }]) {
    const w = fresh();
    w.wx.storage.set('wxhub.session ' + APP + ' ' + URL, JSON.stringify(held));
    await w.value(w.client.login());
    assert.equal(w.hub.logins, 1, JSON.stringify(held));
  }
});

test('storage that fails costs nothing but the memory', async () => {
  const w = fresh();
  w.wx.storageFails = true;
  await w.value(w.client.login());
  await w.value(w.client.me());
  assert.equal(w.hub.logins, 1);
});

test('a call whose session was refused twice fails, and the next one logs in', async () => {
  const w = fresh();
  await w.value(w.client.login());
  w.hub.fault('GET /v1/me', w.hub.problem(401, 'session_invalid'), w.hub.problem(401, 'session_invalid'));
  const e = await w.error(w.client.me());
  assert.deepEqual([e.status, e.code, e.requestId], [401, 'session_invalid', 'req-1']);
  assert.equal(w.hub.logins, 2);
  await w.value(w.client.me());
});

test('a slow 401 does not throw a newer session away', async () => {
  const w = fresh();
  await w.value(w.client.login());
  w.hub.tokens.clear();
  let slow = 1;
  w.hub.latency = (r) => (r.path === '/v1/me' && slow-- > 0 ? 5000 : 5);
  await w.value(Promise.all([w.client.me(), w.client.me()]));
  assert.equal(w.hub.logins, 2);
});

test('a code is never sent twice; a login that failed in passing is tried once more', async () => {
  const w = fresh();
  w.hub.fault(LOGIN, { fail: 'request:fail ', lost: true });
  await w.value(w.client.login());
  assert.deepEqual(w.hub.requests.map((r) => r.body.code), ['code-1', 'code-2']);
  for (const code of ['login_code_invalid', 'login_code_used']) {
    const v = fresh();
    v.hub.fault(LOGIN, v.hub.problem(409, code));
    await v.value(v.client.login());
    assert.equal(v.count('login'), 2);
  }
});

test('a login that fails is told to every caller, and the next one begins anew', async () => {
  const w = fresh();
  w.hub.fault(LOGIN, w.hub.problem(403, 'login_blocked'));
  const all = await w.value(Promise.allSettled(Array.from({ length: 5 }, () => w.client.login())));
  assert.deepEqual(all.map((a) => a.reason.code), Array(5).fill('login_blocked'));
  assert.equal(w.count('login'), 1);
  await w.value(w.client.login());
});

test('wx.login that fails, gives nothing, or says nothing', async () => {
  for (const [how, said] of [['system error', 'login:fail system error'], ['empty', 'login:ok'], ['silent', 'login:fail timeout']]) {
    const w = fresh();
    w.wx.nextLogin = () => how;
    const e = await w.error(w.client.login());
    assert.deepEqual([e.code, e.errMsg, e instanceof Error, e instanceof w.sdk.WxhubError], ['wx_login_failed', said, true, true]);
  }
});

test('a fresh login replaces the session', async () => {
  const w = fresh();
  await w.value(w.client.login());
  const s = await w.value(w.client.login({ fresh: true }));
  assert.equal(s.token, 'token-2');
  await w.value(w.client.login({}));
  assert.equal(w.hub.logins, 2);
});

test('logout ends the session here and there', async () => {
  const w = fresh();
  await w.value(w.client.logout()); // nothing to end
  assert.equal(w.hub.requests.length, 0);
  const [, done] = await w.value(Promise.all([w.client.login(), w.client.logout()])); // waits for the login
  assert.equal(done, undefined);
  assert.deepEqual([w.hub.tokens.size, w.wx.storage.size], [0, 0]);
  await w.value(w.client.login());
  w.hub.tokens.clear();
  await w.value(w.client.logout()); // over already
  assert.equal(w.wx.storage.size, 0);

  await w.value(w.client.login());
  const dead = { fail: 'request:fail net::ERR_INTERNET_DISCONNECTED' };
  w.hub.fault('POST /v1/logout', dead, dead, dead);
  assert.equal((await w.error(w.client.logout())).code, 'network');
  assert.equal(w.wx.storage.size, 0); // here it is over all the same
  w.hub.fault(LOGIN, w.hub.problem(403, 'login_blocked'));
  const all = await w.value(Promise.allSettled([w.client.login(), w.client.logout()]));
  assert.deepEqual(all.map((a) => a.status), ['rejected', 'fulfilled']);
});

test('a phone number is recorded and remembered', async () => {
  const w = fresh();
  const user = await w.value(w.client.phone('phone-code'));
  assert.equal(user.phone, '13800000000');
  assert.deepEqual(w.hub.requests.at(-1).body, { app_id: APP, code: 'phone-code' });
  assert.equal((await w.value(w.client.login())).user.phone, '13800000000');
  await w.value(Promise.all([w.client.me(), w.client.logout()]));
  assert.equal(w.wx.storage.size, 0); // what is told after a logout is not kept
});

