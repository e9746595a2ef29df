var config = require('../../config');

// wxhub's pages in a web-view: ?path=/c/counter-1. No page can pay in here, so when the visitor comes to
// the cashier of an order, /pay/{order_id}, the mini-program takes over with its own.
Page({
  data: { src: '' },

  onLoad: function (query) {
    var path = decodeURIComponent(query.path || '/c/' + config.collectCode);
    this.setData({ src: config.url + (/^\/[a-z]/.test(path) ? path : '/c/' + config.collectCode) });
  },

  loaded: function (e) {
    var found = String(e.detail.src).split(/[?#]/)[0].slice(config.url.length).match(/^\/pay\/([0-9A-Z]{26})$/);
    if (found && e.detail.src.indexOf(config.url + '/') === 0) {
      wx.redirectTo({ url: '/pages/pay/pay?order=' + found[1] });
    }
  }
});
