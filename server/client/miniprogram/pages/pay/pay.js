var hub = require('../../hub');
var words = require('../../words');

// After these there is nothing more to pay here.
var OVER = ['order_closed', 'order_expired', 'order_not_found', 'not_your_order', 'too_many_payments'];

// The cashier of one order: ?order=ID, from the shop, from a page in the web-view, or from a link of yours.
Page({
  data: { state: 'loading', amount: '', title: '', until: '', busy: false, hint: '', fault: '', mark: '' },

  onLoad: function (query) {
    this.id = query.order || '';
    return this.load();
  },

  load: function () {
    var page = this;
    page.setData({ state: 'loading', fault: '', mark: '' });
    return hub.getOrder(page.id).then(function (order) {
      if (order.status !== 'created' && order.status !== 'pending') { page.toResult(); return; }
      page.setData({ state: 'payable', amount: words.yuan(order.amount), title: order.description, until: words.clock(order.expires_at) });
    }, function (e) { page.stop(e); });
  },

  pay: function () {
    var page = this;
    if (page.data.busy) { return; }
    page.setData({ busy: true, hint: '', fault: '', mark: '' });
    return hub.pay(page.id).then(function () { page.toResult(); }, function (e) {
      page.setData({ busy: false });
      if (e.code === 'payment_unknown') { page.toResult(); return; } // it is watched there
      if (e.code === 'payment_cancelled') { page.setData({ hint: words.of(e) }); return; }
      if (OVER.indexOf(e.code) >= 0) { page.stop(e); return; }
      page.setData({ fault: words.of(e), mark: words.mark(e) });
    });
  },

  stop: function (e) {
    this.setData({ state: OVER.indexOf(e.code) >= 0 ? 'over' : 'trouble', fault: words.of(e), mark: words.mark(e) });
  },

  toResult: function () { wx.redirectTo({ url: '/pages/result/result?order=' + this.id }); },
  toShop: function () { wx.reLaunch({ url: '/pages/shop/shop' }); }
});
