/* Payment: prepay, WeChat's sheet, and then the truth. What the phone says is a hint to look;
   the server alone says whether an order is paid. */
'use strict';

var errors = require('./error');
var wire = require('./wire');

// The pauses before each look at the order, in milliseconds: about a minute, ever slower.
var AFTER_OK = [0, 500, 1000, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 10000, 12000, 15000];
// WeChat says cancel, or fail, also when it is wrong: that is looked into, briefly.
var AFTER_CANCEL = [0, 1000];
var AFTER_FAIL = [0, 1000, 2000];
// The mini-program is shown again and WeChat has not called back: the payer may still be at it.
var AFTER_SHOW = AFTER_OK.concat([20000, 30000, 30000, 30000]);

function isPaid(order) {
  return order.status === 'paid' || order.status === 'partially_refunded' || order.status === 'refunded';
}

function always() { return true; }

// payments needs send(request), which sends with a session.
module.exports = function payments(wx, send) {
  var open = {}; // by order: a second tap joins the first

  // look is repeated when it is safe (see wire.js); watch repeats it by itself.
  function look(orderId, refresh, safe) {
    return send({ method: 'GET', safe: safe, path: '/v1/orders/' + encodeURIComponent(orderId) + (refresh ? '?refresh=true' : '') });
  }

  // watch looks at an order until it is over, or the pauses are used up, or nobody cares any
  // more. It resolves with the last order that it saw, or null. After the first look the server
  // asks WeChat Pay.
  function watch(orderId, pauses, over, cares) {
    var last = null;
    function step(n) {
      if (n === pauses.length) { return last; }
      return wire.wait(pauses[n]).then(function () {
        if (!cares()) { return last; }
        return look(orderId, n > 0).then(function (order) {
          last = order;
          return over(order) ? last : step(n + 1);
        }, function (e) {
          if (e.status === 401 || e.status === 403 || e.status === 404) { throw e; }
          return step(n + 1); // silence says nothing about the order
        });
      });
    }
    return Promise.resolve(step(0));
  }

  function isOver(order) { return isPaid(order) || order.status === 'closed'; }

  // settle resolves with a paid order only.
  function settle(order, code, message, errMsg) {
    if (order && isPaid(order)) { return order; }
    if (order && order.status === 'closed') {
      code = 'order_closed';
      message = 'the order is closed; create a new one';
    }
    throw new errors.WxhubError(code, message, { order: order || undefined, errMsg: errMsg });
  }

  var UNKNOWN = 'WeChat\'s sheet is closed and the server does not know of a payment yet: say so, and ask again with confirm';

  function unknown(order, errMsg) { return settle(order, 'payment_unknown', UNKNOWN, errMsg); }

  // conclude finds out what became of an order after the sheet said errMsg.
  function conclude(orderId, errMsg) {
    if (/:ok$/.test(errMsg)) { // a closed order that is paid all the same may yet turn out as paid
      return watch(orderId, AFTER_OK, isPaid, always).then(function (order) { return unknown(order, errMsg); });
    }
    if (/cancel/.test(errMsg)) {
      return watch(orderId, AFTER_CANCEL, isOver, always).then(function (order) {
        return settle(order, 'payment_cancelled', 'the payer closed WeChat\'s sheet', errMsg);
      });
    }
    return watch(orderId, AFTER_FAIL, isOver, always).then(function (order) {
      return order ? settle(order, 'payment_failed', errMsg, errMsg) : unknown(order, errMsg);
    });
  }

  // sheet opens WeChat's payment sheet and resolves with the order. When the mini-program is
  // shown again and WeChat has not called back, the order is watched meanwhile.
  function sheet(orderId, invoke) {
    return new Promise(function (resolve, reject) {
      var told = false, watching = false;

      function shown() {
        if (watching || told) { return; }
        watching = true;
        watch(orderId, AFTER_SHOW, isPaid, function () { return !told; }).then(unknown).then(resolve, reject).then(close);
      }
      function close() {
        told = true;
        if (wx.offAppShow) { wx.offAppShow(shown); }
      }
      function back(result) {
        if (told) { return; }
        close();
        resolve(conclude(orderId, String(result && result.errMsg)));
      }
      var options = { success: function () { back({ errMsg: 'requestPayment:ok' }); }, fail: back };
      for (var k in invoke) { options[k] = invoke[k]; }
      if (wx.onAppShow) { wx.onAppShow(shown); }
      wx.requestPayment(options);
    });
  }

  function run(orderId) {
    var prepay = { method: 'POST', path: '/v1/orders/' + encodeURIComponent(orderId) + '/prepay', body: { method: 'mini_program' }, safe: true };
    return send(prepay).then(function (prepaid) {
      return sheet(orderId, prepaid.invoke);
    }, function (e) {
      if (e.code !== 'order_paid') { throw e; }
      return look(orderId, false, true); // paid before: by another tap, or another device
    });
  }

  // pay resolves with the paid order.
  function pay(orderId) {
    function done() { delete open[orderId]; }
    if (!open[orderId]) {
      open[orderId] = run(orderId);
      open[orderId].then(done, done);
    }
    return open[orderId];
  }

  // confirm asks about an order whose payment is unknown.
  function confirm(orderId) {
    return watch(orderId, AFTER_OK, isOver, always).then(function (order) { return unknown(order); });
  }

  return { pay: pay, confirm: confirm, look: look };
};
