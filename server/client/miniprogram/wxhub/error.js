/* The one kind of error of this SDK. `code` is stable and for programs, `message` for developers;
   what to tell people is the mini-program's own affair. */
'use strict';

// WxhubError has the members of index.d.ts; those that do not apply are absent.
function WxhubError(code, message, more) {
  this.name = 'WxhubError';
  this.code = code;
  this.message = message;
  this.stack = new Error(code + ': ' + message).stack;
  this.retryable = false;
  for (var k in more) { this[k] = more[k]; }
}
WxhubError.prototype = Object.create(Error.prototype);
WxhubError.prototype.constructor = WxhubError;

// ofAnswer makes an error of an answer that is not a success. Whoever answers without a
// problem of ours is not wxhub: a proxy, or another server.
function ofAnswer(status, body, requestId) {
  if (!body || typeof body.code !== 'string') {
    return new WxhubError('unreadable_answer', 'the server answered HTTP ' + status + ' without a problem of wxhub; does url lead to it?', {
      status: status, requestId: requestId, retryable: status >= 502 && status <= 504
    });
  }
  return new WxhubError(body.code, body.detail, {
    status: status, requestId: body.request_id || requestId, errors: body.errors, upstream: body.upstream,
    retryable: status === 503 || status === 504 || body.code === 'wechat_unavailable' || body.code === 'payment_replaced'
  });
}

// ofFailure makes an error of what a function of wx gave to fail. what is its name.
function ofFailure(what, failure, requestId) {
  var said = String((failure && failure.errMsg) || what + ':fail');
  var more = { errMsg: said, requestId: requestId };
  if (what !== 'request') {
    return new WxhubError('wx_' + what + '_failed', said, more);
  }
  if (said.indexOf('domain list') >= 0) {
    return new WxhubError('domain_not_allowed', said + '; add the host of url as a request domain (request 合法域名) in the mini-program\'s console', more);
  }
  more.retryable = true;
  return new WxhubError(said.indexOf('timeout') >= 0 ? 'timeout' : 'network', said, more);
}

module.exports = { WxhubError: WxhubError, ofAnswer: ofAnswer, ofFailure: ofFailure };
