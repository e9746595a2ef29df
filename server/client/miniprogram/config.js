// Where your wxhub is. `go run ./cmd/wxdemo` has all of this at these addresses.
module.exports = {
  url: 'http://127.0.0.1:8080', // server.public_url
  collectCode: 'counter-1', // of collect_codes: who gets the money, and between which limits

  // The payer is the sandbox's: wx.login and wx.requestPayment are its own, so that all of this can be
  // tried without an account at WeChat. Take it out to use the real WeChat.
  sandbox: { url: 'http://127.0.0.1:9900', appId: 'wx3a7c1e5f90b2d846', user: 'payer' }
};
