/* The bridge: put in front of every script of a page in the sandbox's phone. It gives the page what WeChat's web view has,
   WeixinJSBridge and the name of the browser, and tells the phone what is shown. */
(function () {
  'use strict';
  var me = document.currentScript, phone = me.getAttribute('data-phone'), agent = me.getAttribute('data-agent');
  var weChat = me.hasAttribute('data-wechat'), asked = 0, waiting = {};
  if (window.parent === window || window.parent !== window.top) { return; } // not the phone's own frame

  Object.defineProperty(navigator, 'userAgent', { get: function () { return agent; }, configurable: true });

  // ask sends a question to the phone; done gets the answer.
  function ask(name, args, done) {
    var id = ++asked;
    if (done) { waiting[id] = done; }
    window.parent.postMessage({ wxsandbox: name, id: id, args: args }, phone);
  }

  window.addEventListener('message', function (e) {
    if (e.source !== window.parent || e.origin !== phone || !e.data || !e.data.wxsandbox) { return; }
    if (e.data.wxsandbox === 'back') { window.history.back(); }
    if (e.data.wxsandbox === 'answer' && waiting[e.data.id]) {
      var done = waiting[e.data.id];
      delete waiting[e.data.id];
      done(e.data.answer || {});
    }
  });

  // -- what is shown

  function tell(how) { ask('page', { title: document.title, href: location.href, how: how }); }

  // opensWeChat tells that this is the page of an H5 payment, which opens WeChat.
  function opensWeChat() {
    var h5 = document.querySelector('meta[name=wxsandbox-h5]');
    if (h5 && !weChat) { ask('h5', { h5_url: h5.getAttribute('content') }); }
  }
  var way = window.navigation && window.navigation.activation;
  tell(way ? way.navigationType : 'replace'); // before the page's own scripts change anything
  document.addEventListener('DOMContentLoaded', function () {
    tell('replace');
    opensWeChat();
    new MutationObserver(function () { tell('replace'); }).observe(document.head, { subtree: true, childList: true, characterData: true });
  });
  window.addEventListener('pageshow', function (e) { if (e.persisted) { tell('traverse'); } });
  window.addEventListener('popstate', function () { tell('traverse'); });

  // -- leaving the site: by a redirect, so that the browser sends the Referer that the page's policy allows

  function leaves(to) {
    try {
      var u = new URL(to, location.href);
      return (u.protocol === 'http:' || u.protocol === 'https:') && u.origin !== location.origin;
    } catch (e) { return false; }
  }
  function go(to) { location.assign('/.wxsandbox/go?to=' + encodeURIComponent(to)); }

  if (window.navigation) {
    window.navigation.addEventListener('navigate', function (e) {
      if (e.navigationType === 'traverse' || !e.cancelable || e.formData || !leaves(e.destination.url)) { return; }
      e.preventDefault();
      go(e.destination.url);
    });
    window.navigation.addEventListener('currententrychange', function (e) { tell(e.navigationType || 'replace'); });
  }
  document.addEventListener('click', function (e) {
    var a = e.target && e.target.closest && e.target.closest('a[href]');
    if (!a || e.defaultPrevented || !/^https?:$/.test(a.protocol)) { return; }
    if (a.target && a.target !== '_self' || !window.navigation && leaves(a.href)) { // there is one window
      e.preventDefault();
      if (leaves(a.href)) { go(a.href); } else { location.assign(a.href); }
    }
  });
  window.open = function (to) { if (to) { location.assign(to); } return null; };

  // -- WeixinJSBridge, which WeChat puts into a page a moment after it has loaded

  function named(name, word) { return { err_msg: name + ':' + word }; }

  function invoke(name, args, done) {
    done = done || function () {};
    if (name === 'getBrandWCPayRequest') {
      ask('pay', args, function (a) {
        var said = named('get_brand_wcpay_request', a.word);
        if (a.desc) { said.err_desc = a.desc; }
        done(said);
      });
    } else if (name === 'preVerifyJSAPI') {
      ask('config', {
        app_id: args.verifyAppId, timestamp: String(args.verifyTimestamp), nonce_str: args.verifyNonceStr,
        signature: args.verifySignature, url: location.href.split('#')[0]
      }, function (a) { done(named('config', a.word)); });
    } else if (name === 'closeWindow') {
      ask('close', {});
      done(named('close_window', 'ok'));
    } else if (/^(hide|show)(OptionMenu|Toolbar|MenuItems|AllNonBaseMenuItem)$/.test(name)) {
      done(named(name, 'ok'));
    } else {
      done(named('system', 'function_not_exist'));
    }
  }

  if (!weChat) { return; }
  function appear() {
    window.WeixinJSBridge = {
      invoke: invoke,
      call: function (name, args) { invoke(name, args || {}); },
      on: function () {}
    };
    document.dispatchEvent(new Event('WeixinJSBridgeReady'));
  }
  document.addEventListener('DOMContentLoaded', function () { setTimeout(appear, 30); });
}());
