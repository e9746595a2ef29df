// Run by script_test.go: node --test
'use strict';
const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');

const { tidy, press, fen } = require(path.join(__dirname, '../static/h5.js'));

test('the pad types an amount', () => {
  for (const [keys, want] of [
    ['1', '1'], ['12.5', '12.5'], ['0', '0'], ['00', '0'], ['05', '5'], ['.', '0.'], ['.5', '0.5'], ['1..5', '1.5'], ['1.234', '1.23'],
    ['1<', ''], ['<', ''], ['12.34<<<', '12'], ['123456789', '12345678'], ['0.00', '0.00'], ['0.<7', '7'],
  ]) {
    let text = '';
    for (const k of keys) { text = press(text, k === '<' ? 'del' : k); }
    assert.equal(text, want, keys);
  }
});

test('what is pasted or typed becomes an amount, or changes nothing', () => {
  for (const [text, want] of [
    ['12.50', '12.50'], [' ¥1,234.5 ', '1234.5'], ['１２．３', '12.3'], ['￥8', '8'], ['0012', '12'], ['.7', '0.7'], ['5。5', '5.5'], ['', ''],
    ['abc', 'old'], ['1e3', 'old'], ['-1', 'old'], ['1.2.3', 'old'], ['1.234', 'old'], ['123456789', 'old'], ['<b>', 'old'], ['NaN', 'old'],
  ]) {
    assert.equal(tidy(text, 'old'), want, text);
  }
});

test('amounts are compared in fen', () => {
  for (const [text, want] of [['0.29', 29], ['1.1', 110], ['1.', 100], ['19.99', 1999], ['5000.00', 500000], ['', -1], ['.5', -1], ['01', -1], ['1.005', -1]]) {
    assert.equal(fen(text), want, text);
  }
});

const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.42(0x18002a2f) NetType/WIFI Language/zh_CN';
const ipad = 'Mozilla/5.0 (iPad; CPU OS 15_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.31';
const android = 'Mozilla/5.0 (Linux; Android 13; M2012K11AC) Mobile Safari/537.36 MicroMessenger/8.0.42.2460(0x28002A58) WeChat/arm64';
const harmony = 'Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4.1.6.1 Mobile MicroMessenger/8.0.1';
const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) MicroMessenger/7.0.20.1781 WindowsWechat(0x63090016)';

function load(userAgent, answer) {
  const sent = [];
  global.window = { location: { href: 'https://shop.example/in?a=1#top' }, navigator: { userAgent } };
  global.XMLHttpRequest = function () {
    this.open = (method, url) => sent.push(method + ' ' + url);
    this.send = () => {
      if (!answer) { this.onerror(); return; }
      this.status = answer.status;
      this.responseText = answer.text;
      this.onload();
    };
  };
  const file = require.resolve(path.join(__dirname, '../static/js-config.js'));
  delete require.cache[file];
  require(file);
  return { sent, config: global.window.wxhubJSConfig };
}

test('the landing URL on iOS, the current one elsewhere', () => {
  for (const [name, userAgent, want] of [
    ['iPhone', iphone, 'https://shop.example/in?a=1'], ['iPad', ipad, 'https://shop.example/in?a=1'], ['Android', android, 'https://shop.example/later'],
    ['HarmonyOS', harmony, 'https://shop.example/later'], ['Windows', windows, 'https://shop.example/later'],
  ]) {
    const { sent, config } = load(userAgent, { status: 200, text: '{"app_id":"wx1","timestamp":7,"nonce_str":"n","signature":"s"}' });
    global.window.location.href = 'https://shop.example/later#/route';
    let got = null;
    config('https://pay.example/', 'wx1', (err, c) => { got = [err, c]; });
    assert.deepEqual(sent, ['GET https://pay.example/v1/apps/wx1/js-config?url=' + encodeURIComponent(want)], name);
    assert.deepEqual(got, [null, { appId: 'wx1', timestamp: 7, nonceStr: 'n', signature: 's' }], name);
  }
});

test('a refusal is told', () => {
  for (const [answer, code] of [
    [{ status: 422, text: '{"code":"invalid_input"}' }, 'invalid_input'], [{ status: 502, text: '<html>' }, 'unreadable'], [{ status: 200, text: 'x' }, 'unreadable'], [null, 'unreachable'],
  ]) {
    let got = null;
    load(android, answer).config('https://pay.example', 'wx1', (err, c) => { got = [err.code, c]; });
    assert.deepEqual(got, [code, undefined]);
  }
});
