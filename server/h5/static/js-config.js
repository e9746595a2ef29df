/* For pages of yours that use WeChat's JS-SDK. Include it on the page where visitors come in,
   before a router changes the address, then:

     wxhubJSConfig('https://pay.example.com', 'wx…', function (err, config) {
       wx.config({appId: config.appId, timestamp: config.timestamp, nonceStr: config.nonceStr, signature: config.signature, jsApiList: […]});
     });

   WeChat on iOS checks the address that its web view was opened at, WeChat on Android the one
   that is shown: this picks the right one. */
(function (root) {
  'use strict';
  var landing = root.location.href;

  // pick is the address to be signed, without what follows '#'.
  function pick(userAgent, landed, current) {
    var ios = /iPhone|iPad|iPod/.test(userAgent) && !/Windows|Android/.test(userAgent);
    return (ios ? landed : current).split('#')[0];
  }

  function config(base, appId, done) {
    var r = new XMLHttpRequest(), page = pick(root.navigator.userAgent, landing, root.location.href);
    r.open('GET', base.replace(/\/$/, '') + '/v1/apps/' + encodeURIComponent(appId) + '/js-config?url=' + encodeURIComponent(page));
    r.onload = function () {
      var body = null;
      try { body = JSON.parse(r.responseText); } catch (e) { /* not ours */ }
      if (r.status !== 200 || !body) { done(body || { code: 'unreadable' }); return; }
      done(null, { appId: body.app_id, timestamp: body.timestamp, nonceStr: body.nonce_str, signature: body.signature });
    };
    r.onerror = function () { done({ code: 'unreachable' }); };
    r.send(null);
  }

  config.pick = pick;
  root.wxhubJSConfig = config;
}(window));
