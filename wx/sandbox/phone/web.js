// The web view: pages of others in a frame, at an origin of their own that the sandbox opens for them (wx/sandbox/webview).
import { api, el, icon, say, toast } from './dom.js';
import { pay } from './pay.js';

// web opens a page, inside WeChat or in the phone's browser.
export async function web(phone, url, browser) {
  let at;
  try {
    at = (await api('POST', '/phone/view', { user: phone.user.id, url, browser: !!browser })).url;
  } catch (e) {
    toast(e.message);
    return;
  }
  const frame = el('iframe', { src: at, 'data-frame': 'view', title: say('open_page') });
  frame.sandbox = 'allow-scripts allow-same-origin allow-forms allow-popups allow-modals allow-downloads';
  const title = el('h2', {}, ''), where = el('p.where', {}, new URL(url).host), trail = [];

  function back() {
    if (trail.length > 1) { frame.contentWindow.postMessage({ wxsandbox: 'back' }, origin); } else { phone.leave(); }
  }
  // walked keeps the way through the pages, so that back never leads out of the view.
  function walked(href, how) {
    href = href.split('#')[0];
    const known = trail.lastIndexOf(href);
    if (!trail.length || how === 'push' && trail.at(-1) !== href) { trail.push(href); } else if (how === 'traverse' && known >= 0) { trail.length = known + 1; } else { trail[trail.length - 1] = href; }
  }

  let origin = new URL(at).origin;
  const questions = {
    async page(args) {
      walked(args.href, args.how);
      title.textContent = args.title;
      where.textContent = (await api('POST', '/phone/original', { url: args.href })).url.replace(/^https?:\/\//, '').split('#')[0];
    },
    // The page of an H5 payment opens WeChat, and goes back to the merchant whatever happened there.
    async h5(args) {
      await pay(phone, { h5_url: args.h5_url });
      const back = new URLSearchParams(args.h5_url.split('?')[1]).get('redirect_url');
      if (back) { frame.src = (await api('POST', '/phone/view', { user: phone.user.id, url: back, browser: true })).url; }
    },
    pay: (args) => pay(phone, { invoke: invocation(args) }),
    async config(args) {
      try {
        await api('POST', '/phone/page-config', args);
        return { word: 'ok' };
      } catch (e) { return { word: e.code === 'phone_refuses' ? 'invalid signature' : 'fail' }; }
    },
    close: () => phone.leave(),
  };
  async function heard(e) {
    if (e.source !== frame.contentWindow || !e.data || !Object.hasOwn(questions, e.data.wxsandbox) || new URL(e.origin).hostname !== location.hostname) { return; }
    origin = e.origin;
    const answer = await questions[e.data.wxsandbox](e.data.args || {});
    if (e.source && e.data.id) { e.source.postMessage({ wxsandbox: 'answer', id: e.data.id, answer }, e.origin); }
  }
  window.addEventListener('message', heard);

  const head = el('div.bar-title', {}, title, where);
  const bar = el('header.bar', {}, el('button.bar-back', { onclick: back, 'aria-label': say('back'), id: 'view-back' }, icon('back')),
    el('button.bar-back', { onclick: () => phone.leave(), 'aria-label': say('close'), id: 'view-close' }, icon('close')), head,
    el('span.bar-space'), el('button.bar-action', { 'aria-label': say('reload'), onclick: () => { frame.src = trail.at(-1) || at; } }, icon('reload')));
  phone.show({ bar, body: el('div.view', {}, frame), kind: browser ? 'browser' : 'web', left: () => window.removeEventListener('message', heard) });
}

// invocation is what the phone verifies; anything else that a page hands over does not count.
function invocation(args) {
  const out = {};
  for (const name of ['appId', 'timeStamp', 'nonceStr', 'package', 'signType', 'paySign']) {
    if (args[name] !== undefined) { out[name] = String(args[name]); }
  }
  return out;
}
