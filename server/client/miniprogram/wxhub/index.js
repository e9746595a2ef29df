/* wxhub for mini-programs: log in, pay, believe the server. No dependencies, no build step: copy
   this folder into your mini-program. ES5 and Promise, which every base library has.

     var hub = require('./wxhub/index').connect({ url: 'https://pay.example.com' })
     hub.login().then(function (session) { … session.user … })
     hub.pay(orderId).then(function (order) { … it is paid … })

   index.d.ts documents every member. */
'use strict';

var errors = require('./error');
var wire = require('./wire');
var sessions = require('./session');
var payments = require('./payment');

exports.WxhubError = errors.WxhubError;

exports.connect = function connect(options) {
  if (!options || !/^https?:\/\/[^/]/.test(options.url)) {
    throw new errors.WxhubError('url_missing', 'connect needs {url: "https://…"}: the public_url of your wxhub');
  }
  var url = options.url.replace(/\/+$/, '');
  var platform = options.wx || wx;
  var appId = options.appId || platform.getAccountInfoSync().miniProgram.appId;
  var session = sessions(platform, url, appId);

  // send sends with a session. One that the server does not know is replaced, once.
  function send(request) {
    return session.get().then(function (s) {
      return wire.send(platform, url, request, s.token).catch(function (e) {
        if (e.status !== 401) { throw e; }
        session.refused(s.token);
        return session.get().then(function (again) { return wire.send(platform, url, request, again.token); });
      });
    });
  }

  function told(user) {
    session.renamed(user);
    return user;
  }

  var payment = payments(platform, send);

  return {
    login: function (how) { return how && how.fresh ? session.login() : session.get(); },
    logout: function () {
      return session.end().then(function (token) {
        if (!token) { return undefined; }
        return wire.send(platform, url, { method: 'POST', path: '/v1/logout', safe: true }, token).catch(function (e) {
          if (e.status !== 401) { throw e; } // 401: it was over already
        });
      });
    },
    me: function () { return send({ method: 'GET', path: '/v1/me', safe: true }).then(told); },
    phone: function (code) {
      return send({ method: 'POST', path: '/v1/me/phone', body: { app_id: appId, code: code } }).then(told);
    },
    createOrder: function (order, idempotencyKey) {
      return send({ method: 'POST', path: '/v1/orders', body: order, idempotencyKey: idempotencyKey || wire.random(), safe: true });
    },
    getOrder: function (id, how) { return payment.look(id, how && how.refresh, true); },
    pay: payment.pay,
    confirm: payment.confirm,
    request: function (path, how) {
      how = how || {};
      var method = how.method || 'GET';
      return send({ method: method, path: path, body: how.body, idempotencyKey: how.idempotencyKey, safe: method === 'GET' || !!how.idempotencyKey });
    }
  };
};
