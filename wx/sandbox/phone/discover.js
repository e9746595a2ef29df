// Discover: scanning, mini-programs, pages.
import { avatar, el, row, say, tile, yuan } from './dom.js';
import { mini } from './mini.js';
import { payCode } from './pay.js';

// discover is the tab.
export function discover(phone) {
  const body = el('div.body');
  return {
    title: say('discover'), icon: 'discover', body,
    update(state) {
      body.replaceChildren(
        el('div.list', {}, named(row(tile('scan', 'blue'), say('scan'), say('recent_codes') + ' · ' + state.codes.length, () => phone.show(scan(phone))), 'scan')),
        el('div.list', {},
          named(row(tile('link', 'green'), say('open_page'), say('open_page_sub'), () => phone.show(address(phone, false))), 'open'),
          named(row(tile('globe', 'orange'), say('browser'), say('browser_sub'), () => phone.show(address(phone, true))), 'browser')),
        el('p.caption', {}, say('mini_programs')),
        el('div.list', {}, state.mini_programs.map((m) => named(row(avatar(m.name), m.name, m.id, () => phone.show(mini(phone, m))), m.id))));
    },
  };
}

function named(r, name) {
  r.dataset.go = name;
  return r;
}

// read acts on what a QR code says.
function read(phone, text) {
  text = text.trim();
  if (/^https?:\/\//.test(text)) { phone.leave(); phone.openPage(text); return; }
  if (text) { payCode(phone, text); }
}

function scan(phone) {
  const body = el('div.body'), text = el('input', { id: 'scanned', placeholder: say('scan_hint'), 'aria-label': say('scan_hint'), autocomplete: 'off' });
  const form = el('form.scan', { onsubmit: (e) => { e.preventDefault(); read(phone, text.value); } }, text, el('button.primary', { type: 'submit' }, say('scan')));
  const list = el('div');
  body.append(el('div.finder', { 'aria-hidden': 'true' }, el('span.beam')), form, list);
  return {
    title: say('scan'), body, kind: 'grey',
    update(state) {
      list.replaceChildren(el('p.caption', {}, say('recent_codes')), state.codes.length
        ? el('div.list', {}, state.codes.map((c) => named(row(tile('scan', 'blue'), yuan(c.amount) + ' · ' + c.merchant, c.description, () => payCode(phone, c.code_url)), c.code_url)))
        : el('p.empty', {}, say('no_codes')));
    },
  };
}

function address(phone, browser) {
  const text = el('input', { id: 'address', value: phone.server + '/c/' + phone.collectCode, 'aria-label': say('address'), inputMode: 'url', autocomplete: 'off', spellcheck: false });
  const form = el('form.scan', { onsubmit: (e) => { e.preventDefault(); phone.leave(); phone.openPage(text.value.trim(), browser); } }, text, el('button.primary', { type: 'submit' }, say('open')));
  return { title: say(browser ? 'browser' : 'open_page'), body: el('div.body', {}, form, el('p.empty', {}, say(browser ? 'browser_sub' : 'open_page_sub'))), kind: 'grey' };
}
