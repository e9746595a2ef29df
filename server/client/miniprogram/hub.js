// The one client of this mini-program. No API key is here: whoever has a mini-program can read it.
var config = require('./config');
var options = { url: config.url };
if (config.sandbox) {
  options.appId = config.sandbox.appId;
  options.wx = require('./sandbox')(wx, config.sandbox);
}
module.exports = require('./wxhub/index').connect(options);
