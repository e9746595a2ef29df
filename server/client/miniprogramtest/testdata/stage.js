/* A stage for the pages of the example: App, Page, the stack of pages and setData as WeChat has them,
   and what a payer sees of them. */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const wxml = require('./wxml');

const ROOT = path.join(__dirname, '..', '..', 'miniprogram');
const file = (name) => path.join(ROOT, name);
const read = (name) => fs.readFileSync(file(name), 'utf8');
const app = JSON.parse(read('app.json'));

// Stage runs the mini-program with a wx and a config of its own.
class Stage {
  constructor(wx, config) {
    this.wx = wx;
    this.stack = [];
    this.failures = [];
    for (const name of Object.keys(require.cache)) {
      if (name.startsWith(ROOT)) { delete require.cache[name]; }
    }
    const id = file('config.js');
    require.cache[id] = { id, filename: id, loaded: true, exports: config, children: [], paths: [] };
    Object.assign(wx, {
      navigateTo: (o) => this.go(o.url, () => {}),
      redirectTo: (o) => this.go(o.url, () => this.stack.pop()),
      reLaunch: (o) => this.go(o.url, () => { this.stack = []; }),
    });
    global.wx = wx;
    global.App = (definition) => definition.onLaunch.call(definition, { scene: 1001 });
    require(file('app.js'));
  }

  get page() { return this.stack[this.stack.length - 1]; }

  go(url, leave) {
    const [route, query] = url.replace(/^\//, '').split('?');
    if (!app.pages.includes(route)) { throw new Error('there is no page ' + url); }
    leave();
    if (this.stack.length >= 10) { throw new Error('WeChat opens ten pages at most'); }
    let definition = null;
    global.Page = (d) => { definition = d; };
    delete require.cache[file(route + '.js')];
    require(file(route + '.js'));
    const page = Object.create(definition);
    page.route = route;
    page.data = JSON.parse(JSON.stringify(definition.data));
    page.setData = (patch) => {
      for (const [k, v] of Object.entries(patch)) {
        if (!(k in page.data)) { throw new Error(route + ' sets ' + k + ', which its data do not have'); }
        if (v === undefined) { throw new Error(route + ' sets ' + k + ' to undefined'); }
        page.data[k] = JSON.parse(JSON.stringify(v));
      }
    };
    page.tree = wxml.parse(read(route + '.wxml'));
    this.stack.push(page);
    this.follow(page.onLoad(Object.fromEntries((query || '').split('&').filter((p) => p).map((p) => p.split('=')))));
    if (page.onShow) { page.onShow(); }
  }

  // follow keeps what a handler of a page failed with: nobody else would ever see it.
  follow(promise) {
    this.busy = Promise.all([this.busy, Promise.resolve(promise).catch((e) => { this.failures.push(e); })]);
    return this.busy;
  }

  back() {
    this.stack.pop();
    if (this.page.onShow) { this.page.onShow(); }
  }

  view() { return wxml.render(this.page.tree, this.page.data); }

  // sees is what the payer reads.
  get sees() { return wxml.words(this.view()); }

  // tap taps what has this label or text.
  tap(label) {
    let found = null;
    wxml.each(this.view(), (n) => {
      if (n.attributes.bindtap && (n.attributes['aria-label'] === label || wxml.words([n]) === label)) { found = n; }
    });
    if (!found) { throw new Error('there is no ' + label + ' to tap in: ' + this.sees); }
    const dataset = {};
    for (const [k, v] of Object.entries(found.attributes)) {
      if (k.startsWith('data-')) { dataset[k.slice(5)] = v; }
    }
    return this.follow(this.page[found.attributes.bindtap]({ type: 'tap', currentTarget: { dataset } }));
  }

  // picture keeps what is seen as HTML, for people who want to look (WXHUB_GALLERY=DIR).
  picture(name) {
    const dir = process.env.WXHUB_GALLERY;
    if (!dir) { return; }
    const css = (read('app.wxss') + read(this.page.route + '.wxss')).replace(/(-?[\d.]+)rpx/g, (all, n) => n / 2 + 'px').replace(/(^|\n|\s)page \{/g, '$1body {');
    fs.writeFileSync(path.join(dir, 'mini-' + name + '.html'),
      '<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><style>*{box-sizing:border-box}body{margin:0}' + css + '</style>' + wxml.html(this.view()));
  }
}

module.exports = { Stage, app, file, read };
