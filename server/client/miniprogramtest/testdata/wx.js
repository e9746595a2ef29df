/* A stub of `wx` that keeps to what WeChat's documentation says: every function calls back
   later and never at once, success or fail and then complete; storage copies; a request's body
   is text on the wire, and JSON answers arrive parsed, whatever their media type. */
'use strict';

const APP = 'wx0000000000000001';

// fakeWx makes one. server(request, answer) gets {method, url, path, header, body} and calls
// answer({status, body, header}) or answer({fail: 'errMsg'}), or never.
function fakeWx(server, more) {
  const storage = new Map();
  const shown = new Set();
  const log = [];
  const later = (f, ms) => setTimeout(f, ms || 1);
  const back = (o, ok, result) => {
    later(() => {
      const call = ok ? o.success : o.fail;
      if (call) { call(result); }
      if (o.complete) { o.complete(result); }
    });
  };

  const wx = {
    log, storage,
    appId: APP,
    codes: 0,
    getAccountInfoSync: () => ({ miniProgram: { appId: wx.appId, envVersion: 'develop' } }),

    login(o) {
      log.push('login');
      const how = wx.nextLogin ? wx.nextLogin() : 'ok';
      if (how === 'silent') { return; }
      if (how === 'ok') { back(o, true, { errMsg: 'login:ok', code: 'code-' + (++wx.codes) }); return; }
      if (how === 'empty') { back(o, true, { errMsg: 'login:ok' }); return; }
      back(o, false, { errMsg: 'login:fail ' + how });
    },

    request(o) {
      const header = {};
      for (const [k, v] of Object.entries(o.header || {})) {
        if (typeof v !== 'string') { throw new TypeError('header ' + k + ' is no text'); }
        if (k.toLowerCase() !== 'referer') { header[k.toLowerCase()] = v; }
      }
      const method = o.method || 'GET';
      let over = false;
      const end = (ok, result) => {
        if (over) { return; }
        over = true;
        back(o, ok, result);
      };
      const data = method === 'GET' || o.data === undefined ? undefined : JSON.stringify(o.data);
      const timer = o.timeout && !wx.ignoresTimeout ? later(() => end(false, { errMsg: 'request:fail timeout' }), o.timeout) : null;
      const path = o.url.replace(/^https?:\/\/[^/]+/, '');
      log.push(method + ' ' + path);
      const request = { method, url: o.url, path, header, body: data === undefined ? undefined : JSON.parse(data) };
      later(() => server(request, (a) => {
        clearTimeout(timer);
        if (a.fail) { end(false, { errMsg: a.fail }); return; }
        let text = a.text !== undefined ? a.text : a.body === undefined ? '' : JSON.stringify(a.body);
        if (!wx.leavesText) { try { text = JSON.parse(text); } catch (e) { /* stays text */ } }
        end(true, { errMsg: 'request:ok', statusCode: a.status, data: text, header: a.header || {} });
      }));
      return { abort() { end(false, { errMsg: 'request:fail abort' }); } };
    },

    // The payer's thumb: 'ok', 'cancel', 'never', or what follows requestPayment:fail.
    requestPayment(o) {
      for (const k of ['timeStamp', 'nonceStr', 'package', 'signType', 'paySign']) {
        if (typeof o[k] !== 'string' || o[k] === '') { throw new TypeError('requestPayment needs ' + k); }
      }
      log.push('requestPayment ' + o.package);
      wx.sheet = (result) => {
        if (result === 'never') { return; }
        if (result === 'ok') { back(o, true, { errMsg: 'requestPayment:ok' }); return; }
        back(o, false, result === '' ? undefined : { errMsg: 'requestPayment:fail' + (result === 'fail' ? '' : ' ' + result) });
      };
      if (wx.thumb) { wx.thumb(o, wx.sheet); }
    },

    onAppShow(f) { shown.add(f); },
    offAppShow(f) { shown.delete(f); },
    show() { for (const f of [...shown]) { f({ scene: 1001 }); } },
    listeners: () => shown.size,

    getStorageSync(k) {
      if (wx.storageFails) { throw new Error('getStorageSync:fail'); }
      return storage.has(k) ? JSON.parse(storage.get(k)) : '';
    },
    setStorageSync(k, v) {
      if (wx.storageFails) { throw new Error('setStorageSync:fail exceed storage max size'); }
      storage.set(k, JSON.stringify(v));
    },
    removeStorageSync(k) {
      if (wx.storageFails) { throw new Error('removeStorageSync:fail'); }
      storage.delete(k);
    },
  };
  return Object.assign(wx, more);
}

module.exports = { fakeWx, APP };
