var hub = require('../../hub');
var words = require('../../words');

// What the server says has become of an order. Success is shown for no other reason.
Page({
  data: { state: 'checking', amount: '', title: '', paidAt: '', number: '', refunded: '', fault: '', mark: '' },

  onLoad: function (query) {
    this.id = query.order || '';
    return this.check();
  },

  check: function () {
    var page = this;
    if (page.checking) { return; }
    page.checking = true;
    page.setData({ state: 'checking', fault: '', mark: '' });
    return hub.confirm(page.id).then(function (order) {
      page.checking = false;
      var paid = order.payments.filter(function (p) { return p.status === 'paid'; })[0] || {};
      page.setData({
        state: 'paid', amount: words.yuan(order.amount), title: order.description, paidAt: words.clock(order.paid_at),
        number: paid.transaction_id || '', refunded: order.amount_refunded > 0 ? words.yuan(order.amount_refunded) : ''
      });
    }, function (e) {
      page.checking = false;
      if (e.code === 'payment_unknown') { page.setData({ state: 'unknown' }); return; }
      page.setData({ state: e.code === 'order_closed' ? 'closed' : 'trouble', fault: words.of(e), mark: words.mark(e) });
    });
  },

  toPay: function () { wx.redirectTo({ url: '/pages/pay/pay?order=' + this.id }); },
  toShop: function () { wx.reLaunch({ url: '/pages/shop/shop' }); }
});
