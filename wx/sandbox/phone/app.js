// The phone: whose it is, the stack of its screens, and what the sandbox knows of its user.
import { api, el, icon, say, toast } from './dom.js';
import { chats } from './chats.js';
import { discover } from './discover.js';
import { me, chooseUser } from './me.js';
import { web } from './web.js';
import { startLog } from './log.js';

const query = new URLSearchParams(location.search);

// phone is what screens see of each other.
export const phone = {
  user: null, // of state
  state: null, // GET /sandbox/phone/state
  server: query.get('server') || 'http://127.0.0.1:8080',
  collectCode: query.get('code') || 'counter-1',
  show, leave, refresh, become, openPage,
};

const stage = document.getElementById('stage'), screens = [];

// show puts a screen on top: {title, body, foot?, bar?, update?(state), left?()}.
function show(screen) {
  const bar = screen.bar || el('header.bar', {},
    screens.length ? el('button.bar-back', { onclick: leave, 'aria-label': say('back') }, icon('back')) : el('span.bar-space'),
    el('h2', {}, screen.title), screen.action || el('span.bar-space'));
  screen.element = el('div.screen' + (screen.kind ? '.' + screen.kind : ''), {}, bar, screen.body, screen.foot);
  screens.push(screen);
  stage.append(screen.element);
  for (const s of screens) { s.element.inert = s !== screen; }
  if (screen.update && phone.state) { screen.update(phone.state); }
  return screen;
}

// leave goes back to the screen below. Of the first one there is none.
function leave() {
  if (screens.length < 2) { return; }
  const gone = screens.pop();
  gone.element.remove();
  if (gone.left) { gone.left(); }
  screens.at(-1).element.inert = false;
  refresh();
}

function openPage(url, browser) { return web(phone, url, browser); }

// -- the first screen, with its tabs

function home() {
  const tabs = [chats(phone), discover(phone), me(phone)], body = el('div.tabs'), title = el('h2'), foot = el('nav.tabbar');
  let at = 0;
  function turn(n) {
    at = n;
    title.textContent = tabs[n].title;
    body.replaceChildren(tabs[n].body);
    [...foot.children].forEach((b, i) => b.setAttribute('aria-current', i === n ? 'page' : 'false'));
    if (phone.state) { tabs[n].update(phone.state); }
  }
  foot.append(...tabs.map((t, i) => el('button.tab', { onclick: () => turn(i), data: { tab: t.icon } }, icon(t.icon), t.title)));
  turn(0);
  return { bar: el('header.bar', {}, el('span.bar-space'), title, el('span.bar-space')), body, foot, update: (s) => tabs[at].update(s) };
}

// -- the user

function remember(id) { try { sessionStorage.setItem('wxsandbox.user', id); } catch { /* private mode */ } }
function remembered() { try { return sessionStorage.getItem('wxsandbox.user'); } catch { return null; } }

// become makes the phone another user's. Its pages are closed, since they are the other's.
async function become(id) {
  remember(id);
  phone.user = { id };
  for (const s of screens.splice(0)) {
    s.element.remove();
    if (s.left) { s.left(); }
  }
  seen = '';
  await refresh();
  if (!screens.length) { show(home()); } // else it was nobody's, and somebody was asked for
}

async function begin() {
  const { users } = await api('GET', '/users');
  const wanted = query.get('user') || remembered();
  const user = users.find((u) => u.id === wanted || u.name === wanted) || (users.length === 1 ? users[0] : null);
  if (!user) {
    show(chooseUser(phone, users));
    return;
  }
  await become(user.id);
  if (query.get('open')) { openPage(query.get('open')); }
}

// -- what is new

let seen = '';

async function refresh() {
  if (!phone.user) { return; }
  let state;
  try {
    state = await api('GET', '/phone/state?user=' + encodeURIComponent(phone.user.id));
  } catch (e) {
    if (e.code === 'no_user') { // the platform was reset
      phone.user = null;
      for (const s of screens.splice(0)) { s.element.remove(); }
      begin();
    }
    return;
  }
  const text = JSON.stringify(state);
  if (text === seen) { return; }
  seen = text;
  phone.state = state;
  phone.user = state.user;
  for (const s of screens) { if (s.update) { s.update(state); } }
}

function tick() {
  const now = new Date();
  document.getElementById('clock').textContent = now.getHours() + ':' + String(now.getMinutes()).padStart(2, '0');
}

document.getElementById('stage').replaceChildren();
tick();
setInterval(tick, 5000);
setInterval(() => { if (!document.hidden) { refresh(); } }, 1200);
startLog();
begin().catch((e) => toast(e.message || String(e)));
