// The example mini-program: what wx.login, wx.request and wx.requestPayment do in a real one, step by step.
import { api, avatar, el, icon, say } from './dom.js';
import { pay } from './pay.js';

// mini is the screen of a mini-program.
export function mini(phone, app) {
  const server = el('input', { id: 'mini-server', value: phone.server, spellcheck: false }), code = el('input', { id: 'mini-code', value: phone.collectCode, spellcheck: false });
  const amount = el('input.amount', { id: 'mini-amount', value: '19.90', inputMode: 'decimal', 'aria-label': say('yuan') });
  const steps = el('ol.steps', { id: 'mini-steps' }), buy = el('button.primary', { id: 'mini-buy' }, say('buy'));

  async function request(method, path, token, body) {
    const header = { 'Content-Type': 'application/json' };
    if (token) { header.Authorization = 'Bearer ' + token; }
    const got = await api('POST', '/phone/request', { app_id: app.id, url: server.value.replace(/\/$/, '') + path, method, header, body: body ? JSON.stringify(body) : '' });
    let out = {};
    try { out = JSON.parse(got.body); } catch { /* not wxhub */ }
    if (got.status >= 300) { throw { message: got.status + ' ' + (out.code || '') + ' ' + (out.detail || out.title || '') }; }
    return out;
  }
  // step shows one step, and what came of it.
  async function step(name, how, act) {
    const result = el('span.step-result', {}, '…'), item = el('li', { data: { step: name } }, el('b', {}, say('step_' + name)), el('span.mono', {}, how), result);
    steps.append(item);
    item.scrollIntoView({ block: 'nearest' });
    try {
      const [text, value] = await act();
      result.textContent = text;
      item.className = 'good';
      return value;
    } catch (e) {
      result.textContent = e.message;
      item.className = 'bad';
      throw e;
    }
  }
  async function run() {
    const fen = /^\d{1,8}(\.\d{1,2})?$/.test(amount.value) ? Math.round(Number(amount.value) * 100) : 0;
    steps.replaceChildren();
    if (!fen) { steps.append(el('li.bad', {}, say('enter_amount'))); return; }
    const login = await step('code', 'wx.login()', async () => {
      const made = await api('POST', '/login-codes', { app_id: app.id, user: phone.user.id });
      return [made.code.slice(0, 12) + '…', made.code];
    });
    const token = await step('login', 'POST /v1/login/mini-program', async () => {
      const s = await request('POST', '/v1/login/mini-program', '', { app_id: app.id, code: login });
      return ['user ' + s.user.id, s.token];
    });
    const order = await step('order', 'POST /v1/orders', async () => {
      const o = await request('POST', '/v1/orders', token, { collect_code: code.value, amount: fen });
      return [o.id + ' · ' + o.status, o.id];
    });
    const invoke = await step('prepay', 'POST /v1/orders/{id}/prepay', async () => {
      const p = await request('POST', '/v1/orders/' + order + '/prepay', token, { method: 'mini_program', app_id: app.id });
      return [p.invoke.package, p.invoke];
    });
    await step('pay', 'wx.requestPayment()', async () => {
      const end = await pay(phone, { invoke });
      if (end.word !== 'ok') { throw { message: end.word === 'cancel' ? say('cancelled') : end.desc }; }
      return ['requestPayment:ok', null];
    });
    await step('state', 'GET /v1/orders/{id}', async () => {
      const o = await request('GET', '/v1/orders/' + order + '?refresh=true', token);
      return [o.status, o];
    });
  }
  buy.onclick = async () => {
    buy.disabled = true;
    try { await run(); } catch { /* the step says why */ }
    buy.disabled = false;
    buy.textContent = say('again');
  };

  const field = (name, input) => el('label.field', {}, el('span', {}, say(name)), input);
  const bar = el('header.bar.mini-bar', {}, el('span.bar-space'), el('h2', {}, app.name), el('span.capsule', {}, el('span', { 'aria-hidden': 'true' }, icon('more')), el('button', { onclick: () => phone.leave(), 'aria-label': say('close'), id: 'mini-close' }, icon('close'))));
  return {
    bar, kind: 'mini', body: el('div.body', {}, el('div.mini-head', {}, avatar(app.name), el('p', {}, say('mini_intro'))),
      el('div.mini-card', {}, el('label.field.big', {}, el('span', {}, say('yuan')), amount), field('collect_code', code), field('server', server)), buy, steps),
  };
}
