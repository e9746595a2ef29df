/* WXML, as far as the example uses it: strict where WeChat is lenient. A tag, an attribute or a name
   that is not known is an error, so that a typing mistake is one too. */
'use strict';

const TAGS = ['view', 'text', 'block', 'web-view'];
const ATTRIBUTES = /^(class|hover-class|src|bindtap|bindload|data-[a-z]+|aria-[a-z]+|wx:(if|elif|else|for|key))$/;

function parse(text) {
  const root = { tag: 'root', attributes: {}, children: [] };
  const open = [root];
  const token = /<!--[\s\S]*?-->|<\/([a-z-]+)>|<([a-z-]+)((?:\s+[a-z:-]+(?:="[^"]*")?)*)\s*(\/?)>|([^<]+)/gy;
  let m;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    if (!(m = token.exec(text))) { throw new Error('WXML cannot be read at: ' + text.slice(at, at + 60)); }
    const top = open[open.length - 1];
    if (m[1]) {
      if (top.tag !== m[1]) { throw new Error('</' + m[1] + '> closes <' + top.tag + '>'); }
      open.pop();
    } else if (m[2]) {
      if (!TAGS.includes(m[2])) { throw new Error('the tag <' + m[2] + '> is not known'); }
      const node = { tag: m[2], attributes: {}, children: [] };
      for (const [, name, , value] of m[3].matchAll(/\s+([a-z:-]+)(="([^"]*)")?/g)) {
        if (!ATTRIBUTES.test(name)) { throw new Error('the attribute ' + name + ' is not known'); }
        node.attributes[name] = value === undefined ? '' : value;
      }
      top.children.push(node);
      if (!m[4]) { open.push(node); }
    } else if (m[5] && m[5].trim()) {
      top.children.push({ text: m[5].trim() });
    }
  }
  if (open.length > 1) { throw new Error('<' + open[open.length - 1].tag + '> is not closed'); }
  return root;
}

// evaluate replaces {{…}}. One that is all there is keeps its type. Names that the page's data do not
// have are errors.
function evaluate(text, scope) {
  const run = (expression) => new Function(...Object.keys(scope), '"use strict"; return (' + expression + ')')(...Object.values(scope));
  const whole = /^\{\{([^}]*)\}\}$/.exec(text);
  if (whole) { return run(whole[1]); }
  return text.replace(/\{\{([^}]*)\}\}/g, (all, expression) => String(run(expression)));
}

// render makes what is shown: {tag, attributes, children} and texts.
function render(node, scope) {
  const out = [];
  let chosen = false; // of a chain of wx:if, wx:elif, wx:else
  for (const child of node.children) {
    if (child.text !== undefined) { out.push(String(evaluate(child.text, scope))); continue; }
    const a = child.attributes;
    if ('wx:if' in a) {
      chosen = !!evaluate(a['wx:if'], scope);
      if (!chosen) { continue; }
    } else if ('wx:elif' in a || 'wx:else' in a) {
      if (chosen || ('wx:elif' in a && !evaluate(a['wx:elif'], scope))) { continue; }
      chosen = true;
    }
    const scopes = 'wx:for' in a ? evaluate(a['wx:for'], scope).map((item, index) => Object.assign({}, scope, { item, index })) : [scope];
    for (const s of scopes) {
      const children = render(child, s);
      if (child.tag === 'block') { out.push(...children); continue; }
      const attributes = {};
      for (const [k, v] of Object.entries(a)) {
        if (!k.startsWith('wx:')) { attributes[k] = evaluate(v, s); }
      }
      out.push({ tag: child.tag, attributes, children });
    }
  }
  return out;
}

// words is what a reader sees.
function words(nodes) {
  return nodes.map((n) => (typeof n === 'string' ? n : words(n.children))).filter((s) => s).join(' ');
}

function each(nodes, visit) {
  for (const n of nodes) {
    if (typeof n !== 'string') { visit(n); each(n.children, visit); }
  }
}

const TAG_OF = { view: 'div', text: 'span', 'web-view': 'iframe' };
const escaped = (s) => String(s).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');

function html(nodes) {
  return nodes.map((n) => (typeof n === 'string' ? escaped(n)
    : `<${TAG_OF[n.tag]} class="${escaped(n.attributes.class || '')}">${html(n.children)}</${TAG_OF[n.tag]}>`)).join('');
}

module.exports = { parse, render, words, each, html };
