var hub = require('../../hub');
var config = require('../../config');
var words = require('../../words');

// Prices are fen, as everywhere.
var GOODS = [
  { id: 'longjing', name: '龙井', about: '明前 · 清香', price: 1990, icon: '龙' },
  { id: 'tieguanyin', name: '铁观音', about: '浓香 · 耐泡', price: 2450, icon: '观' },
  { id: 'puer', name: '普洱', about: '十年陈 · 醇厚', price: 3800, icon: '普' },
  { id: 'cake', name: '桂花糕', about: '当日现做', price: 1205, icon: '糕' }
];

Page({
  data: { goods: [], count: 0, total: '0.00', busy: false, fault: '', mark: '' },

  onLoad: function () {
    this.counts = {};
    this.show();
  },

  // Someone who comes back begins a new order.
  onShow: function () { this.key = ''; },

  show: function () {
    var counts = this.counts, count = 0, fen = 0;
    var goods = GOODS.map(function (g) {
      var n = counts[g.id] || 0;
      count += n;
      fen += n * g.price;
      return { id: g.id, name: g.name, about: g.about, icon: g.icon, price: words.yuan(g.price), n: n };
    });
    this.fen = fen;
    this.key = '';
    this.setData({ goods: goods, count: count, total: words.yuan(fen), fault: '', mark: '' });
  },

  more: function (e) { this.change(e.currentTarget.dataset.id, 1); },
  less: function (e) { this.change(e.currentTarget.dataset.id, -1); },
  change: function (id, by) {
    this.counts[id] = Math.min(99, Math.max(0, (this.counts[id] || 0) + by));
    this.show();
  },

  // Until the basket changes, another tap asks for the same order under the same key. A shop with a
  // backend has that make the order instead, since the backend knows the prices.
  buy: function () {
    var page = this;
    if (!page.fen || page.data.busy) { return; }
    page.key = page.key || 'basket-' + Date.now() + '-' + Math.floor(Math.random() * 1e9);
    page.setData({ busy: true, fault: '', mark: '' });
    return hub.createOrder({ collect_code: config.collectCode, amount: page.fen }, page.key).then(function (order) {
      page.setData({ busy: false });
      wx.navigateTo({ url: '/pages/pay/pay?order=' + order.id });
    }, function (e) {
      page.setData({ busy: false, fault: e.errors ? '金额超出了本店的限额' : words.of(e), mark: words.mark(e) });
    });
  }
});
