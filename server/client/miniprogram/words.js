// What to tell people. Codes are for programs, messages for developers; neither is for a payer.
var SAY = {
  network: '网络好像断了，请检查后再试',
  timeout: '网络太慢，请稍后再试',
  wx_login_failed: '微信登录没有成功，请再试一次',
  login_blocked: '微信暂时不允许此账号登录',
  payment_cancelled: '您取消了付款，订单还在',
  payment_failed: '付款没有成功，请再试一次',
  payer_has_no_openid: '请在小程序中重新登录后付款',
  order_closed: '订单已关闭，请重新下单',
  order_expired: '订单已过期，请重新下单',
  order_not_found: '没有找到这个订单',
  not_your_order: '这个订单属于别人',
  too_many_payments: '尝试次数太多，请重新下单',
  too_many_requests: '太快了，请稍等一下',
  wechat_rate_limited: '微信支付有点忙，请稍等一下'
};

// of returns a sentence for an error of the SDK.
exports.of = function (error) {
  return SAY[error.code] || '出了点问题，请稍后再试';
};

// mark is what to quote to the shop when nothing else helps.
exports.mark = function (error) {
  return error.requestId ? '编号 ' + error.requestId : '';
};

// yuan writes an amount without floats.
exports.yuan = function (fen) {
  var rest = fen % 100;
  return (fen - rest) / 100 + '.' + (rest < 10 ? '0' : '') + rest;
};

function two(n) { return (n < 10 ? '0' : '') + n; }

// clock writes a time of the server on this phone's clock.
exports.clock = function (text) {
  var t = new Date(text);
  return t.getFullYear() + '-' + two(t.getMonth() + 1) + '-' + two(t.getDate()) + ' ' + two(t.getHours()) + ':' + two(t.getMinutes());
};
