// Chats: what official accounts and WeChat Pay say.
import { api, avatar, el, icon, row, say, tile, toast, yuan } from './dom.js';
import { mini } from './mini.js';

function clockOf(time) {
  const d = new Date(time);
  return d.getHours() + ':' + String(d.getMinutes()).padStart(2, '0');
}

function when(time) { return el('span.when', {}, time ? clockOf(time) : ''); }

// lineText is a line of a chat in one line.
function lineText(l) { return l.from === 'event' ? '[' + say('event') + '] ' + l.text : l.text; }

// chats is the tab.
export function chats(phone) {
  const body = el('div.body');
  return {
    title: say('chats'), icon: 'chats', body,
    update(state) {
      const paid = state.receipts[0], offer = state.offers[0];
      const last = offer ? say('offer') + ' ' + yuan(offer.amount) : paid ? (paid.refund ? say('receipt_refund') : say('receipt_paid')) + ' ' + yuan(paid.amount) + ' · ' + paid.merchant : say('no_receipts');
      body.replaceChildren(el('div.list', {},
        row(tile('pay', 'green'), say('wxpay'), last, () => phone.show(payments(phone)), when(paid && paid.time)),
        state.accounts.map((a) => {
          const line = a.chat.at(-1);
          const r = row(avatar(a.name), a.name, line ? lineText(line) : a.follows ? say('following') : say('not_following'), () => phone.show(account(phone, a.id)), when(line && line.time));
          r.dataset.account = a.id;
          return r;
        })));
    },
  };
}

// payments is WeChat Pay's account.
function payments(phone) {
  const body = el('div.body.chat');
  function bill(r) {
    return el('div.receipt', {}, el('p.receipt-kind', {}, say(r.refund ? 'receipt_refund' : 'receipt_paid'), when(r.time)), el('p.receipt-sum', {}, yuan(r.amount)),
      el('dl', {}, el('dt', {}, say('merchant')), el('dd', {}, r.merchant), el('dt', {}, say('item')), el('dd', {}, r.description), el('dt', {}, say('order_no')), el('dd.mono', {}, r.out_trade_no)));
  }
  function offer(o) {
    const take = async () => {
      try {
        await api('POST', '/transfers/confirm', { package_info: o.package_info, user: phone.user.id });
        toast(say('taken'));
      } catch (e) { toast(e.message); }
      phone.refresh();
    };
    return el('div.receipt', {}, el('p.receipt-kind', {}, say('offer')), el('p.receipt-sum', {}, yuan(o.amount)),
      el('dl', {}, el('dt', {}, say('merchant')), el('dd', {}, o.merchant), el('dt', {}, say('item')), el('dd', {}, o.remark)), el('button.primary', { onclick: take }, say('take')));
  }
  return {
    title: say('wxpay'), body, kind: 'grey',
    update(state) {
      const all = [...state.offers.map(offer), ...state.receipts.map(bill)];
      body.replaceChildren(...(all.length ? all : [el('p.empty', {}, say('no_receipts'))]));
    },
  };
}

// account is the chat with an official account, and its menu.
function account(phone, id) {
  const lines = el('div.body.chat'), foot = el('footer.foot'), action = el('button.bar-action', { 'aria-label': say('unfollow') }, icon('more'));
  const title = phone.state.accounts.find((a) => a.id === id).name;
  let shown = '', length = -1, typing = false;

  async function act(path, body) {
    try {
      await api('POST', path, { app_id: id, user: phone.user.id, ...body });
    } catch (e) { toast(e.message); }
    phone.refresh();
  }
  action.onclick = () => act('/unfollow', {});

  async function press(b) {
    if (b.type === 'view') {
      await act('/menu-click', { url: b.url });
      phone.openPage(b.url);
    } else if (b.type === 'click') {
      await act('/menu-click', { key: b.key });
    } else if (b.type === 'miniprogram') {
      const app = phone.state.mini_programs.find((m) => m.id === b.appid);
      if (app) { phone.show(mini(phone, app)); } else { phone.openPage(b.url); }
    } else {
      toast(say('not_simulated'));
    }
  }

  function button(b, pop) {
    const one = el('button.menu-button', { data: { menu: b.name } }, b.sub_button.length ? icon('menu') : null, b.name);
    one.onclick = () => {
      const was = pop.dataset.of === b.name && !pop.hidden;
      pop.hidden = true;
      if (!b.sub_button.length) { press(b); return; }
      if (was) { return; }
      pop.dataset.of = b.name;
      pop.replaceChildren(...b.sub_button.map((s) => el('button', { data: { menu: s.name }, onclick: () => { pop.hidden = true; press(s); } }, s.name)));
      pop.style.left = one.offsetLeft + one.offsetWidth / 2 + 'px';
      pop.hidden = false;
    };
    return one;
  }

  function footer(a) {
    if (!a.follows) {
      foot.replaceChildren(el('button.primary', { id: 'follow', onclick: () => act('/follow', {}) }, say('follow')));
      return;
    }
    if (a.menu.length && !typing) {
      const pop = el('div.menu-pop', { hidden: true });
      foot.replaceChildren(el('button.foot-switch', { 'aria-label': say('say'), onclick: () => { typing = true; footer(a); } }, icon('keyboard')), el('div.menu', {}, a.menu.map((b) => button(b, pop))), pop);
      return;
    }
    const text = el('input', { maxLength: 500, placeholder: say('say'), 'aria-label': say('say') });
    const send = () => { if (text.value.trim()) { act('/messages', { text: text.value.trim() }); text.value = ''; } };
    text.onkeydown = (e) => { if (e.key === 'Enter' && !e.isComposing) { send(); } };
    foot.replaceChildren(a.menu.length ? el('button.foot-switch', { 'aria-label': say('menu'), onclick: () => { typing = false; footer(a); } }, icon('menu')) : '', text, el('button.send', { onclick: send }, say('send')));
  }

  function line(l) {
    const mark = l.state ? el('span.line-state.' + l.state, {}, say('state_' + l.state)) : null;
    if (l.from === 'event') { return el('p.line.event', {}, el('span.mono', {}, l.text), mark); }
    return el('div.line.' + l.from, {}, el('span.bubble', {}, l.text), mark);
  }

  return {
    title, action, body: lines, foot, kind: 'grey',
    update(state) {
      const a = state.accounts.find((x) => x.id === id), look = JSON.stringify([a.follows, a.menu]);
      action.hidden = !a.follows;
      if (look !== shown) { shown = look; footer(a); }
      lines.replaceChildren(...a.chat.map(line), ...(a.follows && !a.menu.length ? [el('p.empty', {}, say('no_menu'))] : []));
      if (a.chat.length !== length) { length = a.chat.length; lines.scrollTop = lines.scrollHeight; }
    },
  };
}
