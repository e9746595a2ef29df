// The live log: every call that the platform got and every notification that it sent, as they happen.
import { api, el, say, toast } from './dom.js';

const list = document.getElementById('entries'), empty = document.getElementById('log-empty');
const rows = new Map(); // by seq
const kept = 400;
let after = 0, filter = 'all', cleared = 0;

function short(path) {
  try { return new URL(path).pathname; } catch { return path.split('?')[0]; }
}

function statusOf(e) {
  if (!e.done) { return ['open', say('open_call')]; }
  if (!e.status) { return ['bad', e.error ? e.error.slice(0, 60) : say('no_answer')]; }
  return [e.error || e.code || e.status >= 400 ? 'bad' : 'good', e.status + (e.code ? ' ' + e.code : '')];
}

// meanings are what calls are for, by their paths.
const meanings = [
  [/^\/v3\/pay\/transactions\/codepay/, 'm_code'], [/^\/v3\/.*\/close$/, 'm_close'], [/^\/v3\/.*transactions\/(out-trade-no|id)\//, 'm_query'], [/^\/v3\/.*transactions\//, 'm_prepay'],
  [/^\/v3\/refund\//, 'm_refund'], [/^\/v3\/certificates/, 'm_certificates'], [/^\/v3\/.*bill/, 'm_bill'], [/^\/v3\/fund-app\//, 'm_transfer'],
  [/^\/sns\/jscode2session/, 'm_login'], [/^\/sns\/oauth2\//, 'm_oauth'], [/^\/connect\//, 'm_authorise'], [/^\/cgi-bin\/(stable_)?token/, 'm_token'],
  [/^\/cgi-bin\/menu\//, 'm_menu'], [/^\/cgi-bin\/user\//, 'm_follower'], [/^\/cgi-bin\/ticket\//, 'm_ticket'], [/^\/cgi-bin\/mmpayweb-bin\//, 'm_h5'],
];

function meaning(e) {
  if (e.direction === 'notification') { return say(/^TRANSACTION/.test(e.event) ? 'm_paid' : /^REFUND/.test(e.event) ? 'm_refunded' : /^MCHTRANSFER/.test(e.event) ? 'm_transfer' : 'm_push'); }
  const known = meanings.find(([path]) => path.test(e.path.split('?')[0]));
  return known && say(known[1]);
}

function entry(e) {
  const [kind, status] = statusOf(e), out = e.direction === 'notification', time = new Date(e.time);
  const tags = [e.event, e.attempt > 1 && say('attempt', e.attempt), e.out_trade_no, e.out_refund_no].filter(Boolean);
  const line = el('button.entry-line', { 'aria-expanded': 'false' },
    el('span.arrow', { title: say(out ? 'notifications' : 'calls') }, out ? '←' : '→'), el('span.entry-what', {}, el('span.entry-path', {}, el('b', {}, e.method), ' ' + short(e.path)),
      el('span.entry-tags', {}, el('time', {}, time.toTimeString().slice(0, 8) + '.' + String(time.getMilliseconds()).padStart(3, '0')), el('b', {}, meaning(e) || ''), tags.map((t) => el('span.tag', {}, t)), e.fault && el('span.tag.fault', {}, e.fault))),
    el('span.pill.' + kind, {}, status));
  const item = el('li.entry' + (out ? '.out' : '.in'), { data: { seq: e.seq, direction: e.direction } }, line);
  line.onclick = () => {
    const more = item.querySelector('pre');
    line.setAttribute('aria-expanded', String(!more));
    if (more) { more.remove(); } else { item.append(el('pre', {}, JSON.stringify(e, null, 2))); }
  };
  return item;
}

function hides(item) { return filter !== 'all' && item.dataset.direction !== filter; }

// take shows what is new. Entries that are still open are asked for again.
function take(entries) {
  const open = [];
  for (const e of entries) {
    if (!e.done) { open.push(e.seq); }
    if (e.seq <= cleared) { continue; }
    const old = rows.get(e.seq), fresh = entry(e);
    fresh.hidden = hides(fresh);
    rows.set(e.seq, fresh);
    if (old) { old.replaceWith(fresh); } else { list.prepend(fresh); }
  }
  const last = entries.length ? entries.at(-1).seq : after;
  after = open.length ? Math.min(...open) - 1 : Math.max(after, last);
  for (const [seq, item] of rows) {
    if (rows.size <= kept) { break; }
    item.remove();
    rows.delete(seq);
  }
  empty.hidden = rows.size > 0;
}

async function look() {
  try {
    const { entries, last } = await api('GET', '/log?after=' + after);
    if (last < after) { // the platform was reset
      after = cleared = 0;
      rows.clear();
      list.replaceChildren();
    }
    take(entries);
    list.classList.remove('lost');
  } catch {
    list.classList.add('lost');
  }
}

function filters() {
  const box = document.getElementById('filters');
  for (const [value, word] of [['all', 'all'], ['call', 'calls'], ['notification', 'notifications']]) {
    box.append(el('button', {
      'aria-pressed': String(value === filter), onclick(e) {
        filter = value;
        for (const b of box.children) { b.setAttribute('aria-pressed', String(b === e.currentTarget)); }
        for (const item of list.children) { item.hidden = hides(item); }
      },
    }, say(word)));
  }
  document.getElementById('clear').onclick = () => {
    cleared = Math.max(after, ...rows.keys(), 0);
    rows.clear();
    list.replaceChildren();
    empty.hidden = false;
  };
}

// hard orders faults.
function hard() {
  const box = document.getElementById('hard'), waiting = el('span.pending', { role: 'status' });
  async function count() {
    const { faults } = await api('GET', '/faults');
    const n = faults.reduce((sum, f) => sum + f.times, 0);
    waiting.textContent = n ? say('f_pending', n) : '';
  }
  async function order(fault) {
    try { await api('POST', '/faults', fault); } catch (e) { toast(e.message); }
    count();
  }
  const b = (word, act) => el('button.chip', { onclick: act, data: { hard: word } }, say(word));
  box.append(el('span.hard-title', {}, say('make_hard')),
    b('f_drop', () => order({ match: 'notify', kind: 'drop' })), b('f_delay', () => order({ match: 'notify', kind: 'delay', delay: '10s' })),
    b('f_twice', () => order({ match: 'notify', kind: 'duplicate' })), b('f_busy', () => order({ match: '/v3/', kind: 'system_error' })),
    b('f_clock', async () => { await api('POST', '/clock', { advance: '5m' }); toast(say('f_done')); }),
    b('f_clear', async () => { await api('DELETE', '/faults'); count(); }), waiting);
  setInterval(() => { if (!document.hidden && waiting.textContent) { count().catch(() => {}); } }, 2000);
  count().catch(() => {});
}

export function startLog() {
  filters();
  hard();
  look();
  setInterval(() => { if (!document.hidden) { look(); } }, 700);
}
