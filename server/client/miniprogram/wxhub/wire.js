/* Functions of wx as promises, and requests to the server. wx is WeChat's, or what connect was given. */
'use strict';

var errors = require('./error');

// PATIENCE is how long one call may take, PAUSES lie before repetitions of a safe one; milliseconds.
var PATIENCE = 20000;
var PAUSES = [500, 2000];

function wait(ms) {
  return new Promise(function (resolve) { setTimeout(resolve, ms); });
}

// call calls wx[name]. Old versions of WeChat do not always call back, so a guard does in the
// end: no caller waits for ever.
function call(wx, name, options, requestId) {
  return new Promise(function (resolve, reject) {
    var guard = setTimeout(function () { fail({ errMsg: name + ':fail timeout' }); }, PATIENCE + 5000);
    function fail(failure) {
      clearTimeout(guard);
      reject(errors.ofFailure(name, failure, requestId));
    }
    var all = { timeout: PATIENCE, success: function (answer) { clearTimeout(guard); resolve(answer); }, fail: fail };
    for (var k in options) { all[k] = options[k]; }
    wx[name](all);
  });
}

// random is 16 characters that are good enough to tell one request from another.
function random() {
  var text = '';
  while (text.length < 16) { text += Math.floor(Math.random() * 36).toString(36); }
  return text;
}

// header finds a header whatever the platform does to its case.
function header(all, name) {
  for (var k in all) {
    if (k.toLowerCase() === name) { return all[k]; }
  }
  return undefined;
}

function parsed(data) {
  if (typeof data !== 'string') { return data; }
  try { return JSON.parse(data); } catch (e) { return undefined; }
}

// once sends a request {method, path, body, idempotencyKey}. The request id is made here, so
// that there is one to look for in the server's log when no answer comes.
function once(wx, url, request, token) {
  var id = 'mp-' + random();
  var headers = { Accept: 'application/json', 'X-Request-Id': id };
  if (token) { headers.Authorization = 'Bearer ' + token; }
  if (request.idempotencyKey) { headers['Idempotency-Key'] = request.idempotencyKey; }
  if (request.body !== undefined) { headers['Content-Type'] = 'application/json'; }
  return call(wx, 'request', { url: url + request.path, method: request.method, data: request.body, header: headers }, id).then(function (answer) {
    var body = parsed(answer.data);
    if (answer.statusCode >= 200 && answer.statusCode < 300 && (answer.statusCode === 204 || body !== undefined)) {
      return answer.statusCode === 204 ? undefined : body;
    }
    throw errors.ofAnswer(answer.statusCode, body, header(answer.header, 'x-request-id') || id);
  });
}

// send repeats what is safe to repeat (request.safe) when no answer came, or a passing failure.
function send(wx, url, request, token) {
  function attempt(n) {
    return once(wx, url, request, token).catch(function (e) {
      if (!request.safe || !e.retryable || n === PAUSES.length) { throw e; }
      return wait(PAUSES[n]).then(function () { return attempt(n + 1); });
    });
  }
  return attempt(0);
}

module.exports = { call: call, send: send, wait: wait, random: random };
