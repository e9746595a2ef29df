/* Who is logged in. However many callers want a session, one login is under way at most; also
   when several clients for one server are made. */
'use strict';

var errors = require('./error');
var wire = require('./wire');

// MARGIN: a session is taken for over this long before it is; milliseconds.
var MARGIN = 60000;

var states = {}; // by server and app

function stateOf(name) {
  if (!states[name]) { states[name] = { current: null, pending: null, read: false }; }
  return states[name];
}

// sessions returns what keeps the session of one app with one server.
module.exports = function sessions(wx, url, appId) {
  var place = 'wxhub.session ' + appId + ' ' + url;
  var state = stateOf(place);

  // stored is what an earlier run left. Storage that fails costs a login.
  function stored() {
    try {
      var s = wx.getStorageSync(place);
      return s && typeof s.token === 'string' && s.savedAt > 0 && s.expiresAt > 0 ? s : null;
    } catch (e) {
      return null;
    }
  }

  function store(s) {
    state.current = s;
    try {
      if (s) { wx.setStorageSync(place, s); } else { wx.removeStorageSync(place); }
    } catch (e) { /* it is kept in memory */ }
  }

  // live returns the session unless its time is over, or the clock of the phone was put back.
  function live() {
    if (!state.read) {
      state.read = true;
      state.current = stored();
    }
    var s = state.current, now = Date.now();
    return s && now >= s.savedAt && now < s.expiresAt - MARGIN ? s : null;
  }

  function enter() {
    return wire.call(wx, 'login', {}).then(function (answer) {
      if (!answer.code) { throw errors.ofFailure('login', answer); }
      return wire.send(wx, url, { method: 'POST', path: '/v1/login/mini-program', body: { app_id: appId, code: answer.code } });
    });
  }

  // A code works once, so a login is repeated with a new one.
  function enterTwice() {
    return enter().catch(function (e) {
      if (!e.retryable && e.code !== 'login_code_invalid' && e.code !== 'login_code_used') { throw e; }
      return wire.wait(500).then(enter);
    });
  }

  // login asks WeChat for a code and the server for a session, or joins who does already.
  function login() {
    if (!state.pending) {
      state.pending = enterTwice().then(function (fresh) {
        var now = Date.now();
        state.pending = null;
        store({ token: fresh.token, savedAt: now, expiresAt: now + fresh.expires_in * 1000, user: fresh.user });
        return { token: fresh.token, user: fresh.user, newUser: fresh.new_user };
      }, function (e) {
        state.pending = null;
        throw e;
      });
    }
    return state.pending;
  }

  // get returns the session, and logs in when there is none.
  function get() {
    var s = state.pending ? null : live();
    return s ? Promise.resolve({ token: s.token, user: s.user, newUser: false }) : login();
  }

  // refused forgets a session that the server does not know, unless there is a newer one.
  function refused(token) {
    if (state.current && state.current.token === token) { store(null); }
  }

  // renamed keeps what the server newly tells of the user.
  function renamed(user) {
    var s = state.current;
    if (s) { store({ token: s.token, savedAt: s.savedAt, expiresAt: s.expiresAt, user: user }); }
  }

  // end forgets the session and returns its token, "" when there is none.
  function end() {
    return Promise.resolve(state.pending).catch(function () { return null; }).then(function () {
      var s = live();
      store(null);
      return s ? s.token : '';
    });
  }

  return { get: get, login: login, refused: refused, renamed: renamed, end: end };
};
