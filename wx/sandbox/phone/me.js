// Me: whose phone it is.
import { api, avatar, el, row, say, tile, toast } from './dom.js';

// me is the tab.
export function me(phone) {
  const body = el('div.body');
  return {
    title: say('me'), icon: 'me', body,
    update(state) {
      const u = state.user;
      body.replaceChildren(
        el('div.card-me', {}, avatar(u.name), el('div', {}, el('p.me-name', {}, u.name), el('p.me-id', {}, say('phone_no') + ' ' + u.phone), el('p.me-id.mono', {}, u.id))),
        el('div.list', {},
          row(tile('card', 'green'), say('pay_code'), null, () => phone.show(payingCode(phone))),
          row(tile('me', 'blue'), say('switch_user'), null, async () => phone.show(chooseUser(phone, (await api('GET', '/users')).users)))),
        el('p.caption', {}, say('openids')),
        el('div.list.ids', {}, Object.entries(u.openids).map(([app, id]) => el('p', {}, el('span', {}, app), el('span.mono', {}, id)))));
    },
  };
}

// chooseUser is the screen that asks whose phone it is.
export function chooseUser(phone, users) {
  const name = el('input', { id: 'new-user', placeholder: say('name'), 'aria-label': say('name'), maxLength: 64, autocomplete: 'off' });
  const form = el('form.scan', {
    async onsubmit(e) {
      e.preventDefault();
      try {
        const made = await api('POST', '/users', { name: name.value.trim() });
        await phone.become(made.id);
      } catch (err) { toast(err.message); }
    },
  }, name, el('button.primary', { type: 'submit' }, say('create')));
  const list = users.map((u) => row(avatar(u.name), u.name, u.phone, () => phone.become(u.id)));
  return { title: say('who'), body: el('div.body', {}, list.length ? el('div.list', {}, list) : '', el('p.caption', {}, say('new_user')), form), kind: 'grey' };
}

// payingCode shows the code that a till scans.
function payingCode(phone) {
  const digits = el('p.pay-digits.mono', { id: 'pay-code' }, '…'), body = el('div.body', {}, el('div.pay-code', {}, tile('card', 'green'), digits, el('p.empty', {}, say('pay_code_hint'))));
  let timer = 0;
  async function fresh() {
    try {
      const made = await api('POST', '/pay-codes', { user: phone.user.id });
      digits.textContent = made.auth_code.replace(/(.{4})(?=.)/g, '$1 ');
    } catch (e) { toast(e.message); }
    timer = setTimeout(fresh, 55000);
  }
  fresh();
  return { title: say('pay_code'), body, kind: 'green-screen', left: () => clearTimeout(timer) };
}
