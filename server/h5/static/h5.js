/* The script of the pages. ES5, since WeChat's web views may be old. What it hears from
   WeChat on this device is a hint to look; the server alone says what has become of an order. */
(function () {
  'use strict';

  function byId(id) { return document.getElementById(id); }

  // -- lead-in: the amount ------------------------------------------------------------

  var shape = /^(0|[1-9][0-9]{0,7})?(\.[0-9]{0,2})?$/;

  // tidy makes an amount of what was typed or pasted; what is none leaves the old one.
  function tidy(text, old) {
    text = text.replace(/[\uff10-\uff19]/g, function (c) { return String.fromCharCode(c.charCodeAt(0) - 0xfee0); });
    text = text.replace(/[\uff0e\u3002]/g, '.').replace(/[\s,\uff0c\u00a5\uffe5]/g, '');
    if (/^\./.test(text)) { text = '0' + text; }
    text = text.replace(/^0+([0-9])/, '$1');
    return shape.test(text) ? text : old;
  }

  // press is what a key of the pad makes of the amount.
  function press(text, key) {
    if (key === 'del') { return text.slice(0, -1); }
    if (key === '.' && text.indexOf('.') >= 0) { return text;}
    return tidy(text + key, text);
  }

  // fen compares amounts without floats; -1 is none.
  function fen(text) {
    var m = /^(0|[1-9][0-9]{0,9})(?:\.([0-9]{0,2}))?$/.exec(text);
    return m ? parseInt(m[1] + ((m[2] || '') + '00').slice(0, 2), 10) : -1;
  }

  function leadIn(main) {
    var form = main.querySelector('form'), input = byId('amount'), hint = byId('hint');
    var pay = form.querySelector('[type=submit]'), last = input.value, sent = false;
    var pad = form.querySelector('[data-key]');

    function show(text) {
      last = text;
      if (input.value !== text) { input.value = text; }
      hint.className = 'hint';
      hint.textContent = main.getAttribute('data-limits');
    }
    if (pad) {
      input.setAttribute('inputmode', window.matchMedia && window.matchMedia('(hover: hover)').matches ? 'decimal' : 'none');
      input.addEventListener('input', function () { show(tidy(input.value, last)); });
      form.querySelector('.keys').addEventListener('click', function (e) {
        var at = e.target;
        while (at && at !== form && !(at.getAttribute && at.getAttribute('data-key'))) { at = at.parentNode; }
        if (at && at !== form) { show(press(input.value, at.getAttribute('data-key'))); }
      });
      input.focus();
    }
    form.addEventListener('submit', function (e) {
      var n = fen(input.value);
      if (n < fen(main.getAttribute('data-min')) || n > fen(main.getAttribute('data-max'))) {
        hint.className = 'hint fault';
        hint.textContent = main.getAttribute('data-limits');
        input.focus();
        e.preventDefault();
        return;
      }
      if (sent) { e.preventDefault(); return; }
      sent = true;
      pay.className += ' busy';
    });
    window.addEventListener('pageshow', function () { // back from the cashier
      sent = false;
      pay.className = pay.className.replace(/ busy/g, '');
    });
  }

  // -- cashier and result ---------------------------------------------------------------

  function request(method, path, done) {
    var r = new XMLHttpRequest();
    r.open(method, path);
    r.timeout = 20000;
    r.onload = function () {
      var body = null;
      try { body = JSON.parse(r.responseText); } catch (e) { /* not ours */ }
      done(r.status, body || {});
    };
    r.onerror = r.ontimeout = function () { done(0, {}); };
    r.send(null);
  }

  // watch asks how the order stands: often at first, ever less often, and always again.
  // changed is called when the page is out of date.
  function watch(state, changed, told) {
    var waits = state === 'payable' ? [1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 8, 10, 15, 20, 30] : [5, 15, 30, 60];
    var turn = 0, timer = null, busy = false, keen = 0;

    function next() {
      clearTimeout(timer);
      timer = setTimeout(look, waits[Math.min(turn, waits.length - 1)] * 1000);
      turn++;
    }
    function look() {
      if (busy) { return; }
      busy = true;
      clearTimeout(timer);
      var ask = keen > 0 || turn % 4 === 3;
      if (keen > 0) { keen--; }
      request('GET', location.pathname + '/state' + (ask ? '?ask=1' : ''), function (status, body) {
        busy = false;
        if (status === 200 && body.state && body.state !== state) { changed(); return; }
        if (status === 403 || status === 404) { changed(); return; }
        if (told) { told(status, body, keen > 0); }
        next();
      });
    }
    document.addEventListener('visibilitychange', function () { if (!document.hidden) { turn = 0; look(); } });
    window.addEventListener('pageshow', function (e) { if (e.persisted) { turn = 0; look(); } });
    next();
    // hurry: the payer did something, so the next looks are soon, and WeChat Pay is asked.
    return function (looks) { turn = 0; keen = looks; look(); };
  }

  function reload() { location.replace(location.pathname); }

  function countdown(main, ended) {
    var left = parseInt(main.getAttribute('data-left'), 10), since = Date.now(), clock = byId('clock'), told = false;
    function two(n) { return (n < 10 ? '0' : '') + n; }
    function tick() {
      var rest = Math.max(0, left - Math.floor((Date.now() - since) / 1000));
      var hours = Math.floor(rest / 3600), minutes = Math.floor(rest / 60) % 60;
      clock.textContent = (hours ? hours + ':' : '') + two(minutes) + ':' + two(rest % 60);
      byId('left').hidden = rest > 86400;
      if (rest === 0 && !told) { told = true; ended(); }
      setTimeout(tick, 1000);
    }
    tick();
    return function (fresh) { if (fresh >= 0) { left = fresh; since = Date.now(); told = fresh === 0; } };
  }

  function bridge(use) {
    if (window.WeixinJSBridge) { use(window.WeixinJSBridge); return; }
    document.addEventListener('WeixinJSBridgeReady', function () { use(window.WeixinJSBridge); }, false);
  }

  function draw(box, qr) {
    var ns = 'http://www.w3.org/2000/svg', svg = document.createElementNS(ns, 'svg'), path = document.createElementNS(ns, 'path');
    svg.setAttribute('class', 'qr');
    svg.setAttribute('viewBox', '0 0 ' + qr.size + ' ' + qr.size);
    svg.setAttribute('shape-rendering', 'crispEdges');
    path.setAttribute('d', qr.path);
    svg.appendChild(path);
    box.textContent = '';
    box.appendChild(svg);
  }

  // over are the refusals after which this page is not the right one any more.
  var over = ['order_paid', 'order_closed', 'order_expired', 'order_not_found', 'not_your_order', 'payer_required', 'payer_has_no_openid'];

  function cashier(main) {
    var scene = main.getAttribute('data-scene'), status = byId('status'), pay = byId('pay'), open = byId('open'), done = byId('done');
    var busy = false, asked = location.hash === '#pay', trouble = false, checking = false;

    function say(name) { status.textContent = name ? main.getAttribute('data-' + name) : ''; }
    var recount;
    var hurry = watch('payable', reload, function (code, body, keen) {
      if (code === 200) { recount(body.left); }
      if (checking && !keen) { checking = false; say('waiting'); }
      if (code === 0) { trouble = true; say('offline'); } else if (trouble) { trouble = false; say('waiting'); }
    });
    recount = countdown(main, function () { hurry(1); });

    // The payer says that they have paid. That is worth asking for, and no more.
    function check() {
      checking = true;
      say('checking');
      hurry(15);
    }

    // hold keeps a second tap from doing anything, and shows so. It ends by itself for those
    // WeChats that never call back: their payer is here again and may want to pay.
    var held;
    function hold(on) {
      clearTimeout(held);
      if (on) { held = setTimeout(function () { hold(false); }, 20000); }
      busy = on;
      if (pay) { pay.className = on ? 'button busy' : 'button'; }
    }

    function prepay(then) {
      if (busy) { return; }
      hold(true);
      say('opening');
      request('POST', location.pathname + '/prepay', function (code, body) {
        hold(false);
        if (code === 200) { then(body); return; }
        if (over.indexOf(body.code) >= 0) { reload(); return; } // there is another page for it
        say(code === 429 ? 'slow' : code === 0 ? 'offline' : 'trouble');
        if (byId('retry')) { byId('retry').hidden = false; }
      });
    }

    function inWeChat() {
      prepay(function (answer) {
        hold(true);
        bridge(function (b) {
          if (window.__wxjs_environment === 'miniprogram') { // where no page can pay
            hold(false);
            byId('mini').hidden = false;
            pay.hidden = true;
            say('');
            return;
          }
          b.invoke('getBrandWCPayRequest', answer.invoke, function (result) {
            hold(false);
            var word = String(result && result.err_msg).replace(/^get_brand_wcpay_request:/, '');
            if (word === 'ok') { check(); return; }
            say(word === 'cancel' ? 'cancelled' : 'failed');
            hurry(2); // it may be wrong
          });
        });
      });
    }

    // A link that is tapped tells WeChat Pay where the browser comes from. It is good for
    // five minutes.
    function onPhone(tapped) {
      prepay(function (answer) {
        if (!/^https?:\/\//.test(answer.h5_url)) { say('trouble'); return; }
        open.href = answer.h5_url;
        open.hidden = done.hidden = false;
        pay.hidden = true;
        say('waiting');
        setTimeout(function () { open.hidden = true; pay.hidden = false; }, 200000);
        if (tapped) { open.click(); }
      });
    }

    function onDesktop() {
      if (byId('retry')) { byId('retry').hidden = true; }
      prepay(function (answer) {
        draw(byId('qr'), answer.qr);
        say('waiting');
        setTimeout(onDesktop, 100 * 60000); // a code is good for two hours
      });
    }

    if (asked && window.history.replaceState) { window.history.replaceState(null, '', location.pathname + location.search); }
    if (main.getAttribute('data-returning')) { check(); }
    if (done) { done.addEventListener('click', check); }
    if (open) { open.addEventListener('click', function () { setTimeout(function () { hurry(10); }, 1500); }); }
    if (scene === 'desktop') {
      byId('retry').addEventListener('click', onDesktop);
      onDesktop();
    } else if (scene === 'wechat') {
      pay.addEventListener('click', inWeChat);
      if (asked) { inWeChat(); }
    } else if (scene === 'phone') {
      pay.addEventListener('click', function () { onPhone(true); });
      if (asked) { onPhone(false); }
    }
  }

  function result(main) {
    var leave = byId('leave');
    watch(main.getAttribute('data-state'), reload);
    if (/MicroMessenger/.test(navigator.userAgent)) {
      bridge(function (b) {
        leave.hidden = false;
        leave.addEventListener('click', function () { b.call('closeWindow'); });
      });
    }
  }

  if (typeof module === 'object' && module.exports) { // the unit tests
    module.exports = { tidy: tidy, press: press, fen: fen };
    return;
  }
  var main = document.querySelector('main'), pages = { 'lead-in': leadIn, cashier: cashier, result: result };
  var begin = pages[main.getAttribute('data-page')];
  if (begin) { begin(main); }
}());
