// A wx whose login and payment are those of wxhub's sandbox (go run ./cmd/wxdemo, or ./cmd/wxsandbox).
// Everything else is WeChat's. The real WeChat needs none of this.
module.exports = function sandboxed(wx, sandbox) {
  function post(path, data, done, failed) {
    wx.request({
      url: sandbox.url + path, method: 'POST', data: data, header: { 'Content-Type': 'application/json' },
      success: function (answer) {
        if (answer.statusCode < 300) { done(answer.data); return; }
        failed({ errMsg: 'sandbox:fail ' + answer.data.message });
      },
      fail: failed
    });
  }

  var own = {
    login: function (o) {
      function code() {
        post('/sandbox/login-codes', { app_id: sandbox.appId, user: sandbox.user }, function (answer) {
          o.success({ errMsg: 'login:ok', code: answer.code });
        }, o.fail);
      }
      post('/sandbox/users', { name: sandbox.user }, code, code); // refused when the user is there already
    },
    requestPayment: function (o) {
      function pay(result) {
        var invoke = { appId: o.appId, timeStamp: o.timeStamp, nonceStr: o.nonceStr, package: o.package, signType: o.signType, paySign: o.paySign };
        post('/sandbox/pay', { invoke: invoke, user: sandbox.user, result: result }, function (answer) {
          if (/:ok$/.test(answer.err_msg)) { o.success({ errMsg: answer.err_msg }); } else { o.fail({ errMsg: answer.err_msg }); }
        }, o.fail);
      }
      wx.showModal({
        title: '沙盒支付', content: '本机的 WeChat 沙盒在问：要付款吗？', confirmText: '付款', cancelText: '取消',
        success: function (answer) { pay(answer.confirm ? 'success' : 'cancel'); }, fail: o.fail
      });
    }
  };
  ['request', 'getStorageSync', 'setStorageSync', 'removeStorageSync', 'getAccountInfoSync', 'onAppShow', 'offAppShow'].forEach(function (name) {
    own[name] = wx[name];
  });
  return own;
};
