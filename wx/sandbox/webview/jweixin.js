/* Stands in for WeChat's JS-SDK (https://res.wx.qq.com/open/js/jweixin-….js), which a page in the sandbox's phone must not
   fetch from WeChat. wx.config is verified by the sandbox as WeChat would. */
(function () {
  'use strict';
  var settled = null, ready = [], failed = [], configured = null;

  function bridge(use) {
    if (window.WeixinJSBridge) { use(window.WeixinJSBridge); return; }
    document.addEventListener('WeixinJSBridgeReady', function () { use(window.WeixinJSBridge); });
  }
  function run(list, arg) { list.splice(0).forEach(function (f) { f(arg); }); }

  function config(c) {
    configured = c;
    bridge(function (b) {
      b.invoke('preVerifyJSAPI', {
        verifyAppId: c.appId, verifyTimestamp: c.timestamp, verifyNonceStr: c.nonceStr, verifySignature: c.signature, verifySignType: 'sha1',
        verifyJsApiList: c.jsApiList
      }, function (said) {
        settled = { errMsg: said.err_msg };
        if (c.debug) { console.log('wx.config', settled.errMsg); }
        if (said.err_msg === 'config:ok') { run(ready, settled); } else { run(failed, settled); run(ready, settled); }
      });
    });
  }

  // finish calls back as the JS-SDK does.
  function finish(options, errMsg, word) {
    var said = { errMsg: errMsg };
    options = options || {};
    if (word === 'ok' && options.success) { options.success(said); }
    if (word === 'cancel' && options.cancel) { options.cancel(said); }
    if (word !== 'ok' && word !== 'cancel' && options.fail) { options.fail(said); }
    if (options.complete) { options.complete(said); }
  }

  function allowed(name) {
    return !!configured && !!settled && settled.errMsg === 'config:ok' && (configured.jsApiList || []).indexOf(name) >= 0;
  }

  var wx = {
    config: config,
    ready: function (f) { if (settled) { f(settled); } else { ready.push(f); } },
    error: function (f) { if (settled && settled.errMsg !== 'config:ok') { f(settled); } else { failed.push(f); } },
    checkJsApi: function (o) {
      var found = {};
      (o.jsApiList || []).forEach(function (n) { found[n] = typeof wx[n] === 'function'; });
      if (o.success) { o.success({ errMsg: 'checkJsApi:ok', checkResult: found }); }
    },
    chooseWXPay: function (o) {
      if (!allowed('chooseWXPay')) { finish(o, 'chooseWXPay:permission denied', 'fail'); return; }
      bridge(function (b) {
        b.invoke('getBrandWCPayRequest', {
          appId: configured.appId, timeStamp: String(o.timestamp || o.timeStamp), nonceStr: o.nonceStr, package: o.package, signType: o.signType, paySign: o.paySign
        }, function (said) {
          var word = said.err_msg.replace(/^get_brand_wcpay_request:/, '');
          finish(o, 'chooseWXPay:' + word, word);
        });
      });
    },
    closeWindow: function () { bridge(function (b) { b.invoke('closeWindow', {}); }); },
    miniProgram: { getEnv: function (done) { done({ miniprogram: false }); } }
  };
  ['hideOptionMenu', 'showOptionMenu', 'hideMenuItems', 'showMenuItems', 'hideAllNonBaseMenuItem', 'showAllNonBaseMenuItem',
    'updateAppMessageShareData', 'updateTimelineShareData'].forEach(function (name) {
    wx[name] = function (o) { finish(o, name + (allowed(name) ? ':ok' : ':permission denied'), allowed(name) ? 'ok' : 'fail'); };
  });
  window.wx = window.jWeixin = wx;
}());
