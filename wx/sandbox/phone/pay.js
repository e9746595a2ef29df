// The payment sheet. What a payer does on it is decided by the sandbox, as POST /sandbox/pay; this only asks.
import { api, el, icon, say, yuan } from './dom.js';

const sheets = document.getElementById('sheets');
let open = false;

// pay shows the sheet for {invoke} | {code_url} and returns {word: ok | cancel | fail, desc} when the payer is done.
export async function pay(phone, given) {
  if (open) { return { word: 'fail', desc: say('busy') }; }
  open = true;
  try {
    return await ask({ ...given, user: phone.user.id });
  } finally {
    open = false;
    sheets.replaceChildren();
    phone.refresh();
  }
}

// payCode pays a QR code, which is told nothing.
export async function payCode(phone, codeURL) {
  const end = await pay(phone, { code_url: codeURL });
  if (end.word === 'ok') { phone.leave(); }
}

async function ask(given) {
  let sheet;
  try {
    sheet = await api('POST', '/phone/sheet', given);
  } catch (e) {
    await notice(e.message);
    return { word: 'fail', desc: e.message };
  }
  const result = await choice(sheet);
  try {
    await api('POST', '/pay', { ...given, result });
  } catch (e) {
    await notice(e.message);
    return { word: 'fail', desc: e.message };
  }
  if (result === 'cancel') { return { word: 'cancel' }; }
  if (result === 'not_enough') {
    await notice(say('not_enough'));
    return { word: 'fail', desc: '余额不足' };
  }
  await success(sheet);
  return { word: 'ok' };
}

// put shows something over the screen; finish ends it.
function put(make) {
  return new Promise((finish) => {
    const box = make(finish);
    sheets.replaceChildren(el('div.shade'), box);
    const first = box.querySelector('[data-first]');
    if (first) { first.focus({ preventScroll: true }); }
  });
}

function choice(sheet) {
  return put((finish) => {
    let result = 'success';
    const way = (value, title, sub) => el('label.way', {}, el('span', {}, title, el('small', {}, sub)),
      el('input', { type: 'radio', name: 'way', value, checked: value === result, onchange: () => { result = value; } }));
    return el('div.sheet', { role: 'dialog', 'aria-label': say('wxpay') },
      el('button.sheet-close', { id: 'sheet-cancel', 'aria-label': say('cancel'), onclick: () => finish('cancel') }, icon('close')),
      el('p.sheet-to', {}, say('pay_to') + ' ' + sheet.merchant), el('p.sheet-sum', {}, yuan(sheet.total)), el('p.sheet-what', {}, sheet.description),
      el('p.sheet-caption', {}, say('pay_with')), el('div.ways', {}, way('success', say('balance'), say('enough')), way('not_enough', say('empty_wallet'), say('not_enough'))),
      el('button.primary', { id: 'sheet-confirm', data: { first: '' }, onclick: (e) => { e.target.disabled = true; finish(result); } }, say('confirm_pay')));
  });
}

function notice(text) {
  return put((finish) => el('div.alert', { role: 'alertdialog' }, el('h3', {}, say('refused')), el('p', {}, text), el('button', { id: 'notice-ok', data: { first: '' }, onclick: finish }, say('ok'))));
}

function success(sheet) {
  return put((finish) => el('div.paid', { role: 'dialog' }, el('span.tick', {}, icon('pay')), el('h3', {}, say('paid')), el('p.sheet-to', {}, sheet.merchant), el('p.sheet-sum', {}, yuan(sheet.total)),
    el('button.outline', { id: 'sheet-done', data: { first: '' }, onclick: finish }, say('done'))));
}
