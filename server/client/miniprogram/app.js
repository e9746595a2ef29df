var hub = require('./hub');

App({
  // Logging in ahead makes the first tap quick. Whatever fails here is tried again when it is needed.
  onLaunch: function () {
    hub.login().catch(function () {});
  }
});
