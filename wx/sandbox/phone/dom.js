// What every screen uses: elements, words, calls of the control API. Texts go in as text, never as HTML.

const words = JSON.parse(document.getElementById('words').textContent);

// say is a word in the reader's language; {0} is replaced.
export function say(key, ...args) {
  return (words[key] || key).replace(/\{(\d)\}/g, (_, i) => args[i]);
}

// el makes an element: el('button.primary', {onclick: f}, 'text', child).
export function el(name, props, ...children) {
  const [tag, ...classes] = name.split('.'), e = document.createElement(tag);
  e.className = classes.join(' ');
  if (tag === 'button') { e.type = 'button'; }
  for (const [key, value] of Object.entries(props || {})) {
    if (key === 'data') { Object.assign(e.dataset, value); } else if (key.includes('-') || key === 'role') { e.setAttribute(key, value); } else { e[key] = value; }
  }
  e.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

const shapes = {
  back: 'M15 5l-7 7 7 7', close: 'M6 6l12 12M18 6L6 18', reload: 'M19 12a7 7 0 1 1-2-5M19 3v4.500h-4.500', next: 'M9 5l7 7-7 7',
  chats: 'M12 4c5 0 9 3.200 9 7.500S17 19 12 19c-1 0-2-.1-3-.4L5 20.500l.8-3.300C4.100 15.800 3 13.800 3 11.500 3 7.200 7 4 12 4z',
  discover: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM15.500 8.500l-2 5-5 2 2-5z',
  me: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.500 20.500c.5-4 3.500-6 7.500-6s7 2 7.500 6z',
  scan: 'M4 8V5.500A1.500 1.500 0 0 1 5.500 4H8M16 4h2.500A1.500 1.500 0 0 1 20 5.500V8M20 16v2.500a1.500 1.500 0 0 1-1.500 1.500H16M8 20H5.500A1.500 1.500 0 0 1 4 18.500V16M3 12h18',
  mini: 'M12 12a3 3 0 1 0 3-3c-2 0-3 1.500-3 3s-1 3-3 3a3 3 0 1 1 3-3z', globe: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3.500 9.500h17M3.500 14.500h17M12 3c-5 5-5 13 0 18 5-5 5-13 0-18z',
  link: 'M10 14a4 4 0 0 0 5.600 0l3-3A4 4 0 0 0 13 5.400l-1 1M14 10a4 4 0 0 0-5.600 0l-3 3A4 4 0 0 0 11 18.600l1-1', pay: 'M5 12.500l4.500 4.500L19 7', card: 'M3.500 6.500h17v11h-17zM3.500 10.500h17',
  more: 'M6 12h.01M12 12h.01M18 12h.01', keyboard: 'M3.500 6.500h17v11h-17zM7 10h.01M12 10h.01M17 10h.01M8 14h8', menu: 'M5 7h14M5 12h14M5 17h14',
};

// icon draws one of the shapes above.
export function icon(name) {
  const ns = 'http://www.w3.org/2000/svg', svg = document.createElementNS(ns, 'svg'), path = document.createElementNS(ns, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', shapes[name]);
  svg.append(path);
  return svg;
}

// api calls the control API. An answer that is no success is thrown, as {status, code, message}.
export async function api(method, path, body) {
  const answer = await fetch('/sandbox' + path, { method, headers: body && { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
  const text = await answer.text();
  const out = text ? JSON.parse(text) : {};
  if (!answer.ok) { throw { status: answer.status, code: out.code, message: out.message || String(answer.status) }; }
  return out;
}

// yuan writes fen.
export function yuan(fen) {
  return '¥' + Math.floor(fen / 100) + '.' + String(fen % 100).padStart(2, '0');
}

let toastTimer = 0;

// toast shows a sentence for a moment.
export function toast(text) {
  const box = document.getElementById('toast');
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 2600);
}

// row is a line of a list that can be tapped.
export function row(mark, title, sub, onclick, aside) {
  return el('button.row', { onclick }, mark, el('span.row-text', {}, el('span.row-title', {}, title), sub && el('span.row-sub', {}, sub)), aside || el('span.chevron', {}, icon('next')));
}

// avatar is a square with the first character of a name, in a colour of the name's own.
export function avatar(name) {
  let sum = 0;
  for (const c of name) { sum = (sum * 31 + c.codePointAt(0)) % 6; }
  return el('span.avatar.tint-' + sum, { 'aria-hidden': 'true' }, [...name.trim()][0] || '?');
}

// tile is a square with an icon.
export function tile(name, tint) {
  return el('span.avatar.' + tint, { 'aria-hidden': 'true' }, icon(name));
}
