/* Virtual time: timers fire in their order as soon as nothing else is left to do, so a minute
   costs nothing and every run is the same. */
'use strict';

const real = { setTimeout, clearTimeout, setImmediate, now: Date.now };

class Clock {
  constructor() { this.time = 1700000000000; this.timers = []; this.seq = 0; }

  install() {
    global.setTimeout = (f, ms) => {
      const timer = { at: this.time + (ms || 0), seq: ++this.seq, f };
      this.timers.push(timer);
      return timer;
    };
    global.clearTimeout = (timer) => { this.timers = this.timers.filter((t) => t !== timer); };
    Date.now = () => this.time;
  }

  uninstall() {
    global.setTimeout = real.setTimeout;
    global.clearTimeout = real.clearTimeout;
    Date.now = real.now;
  }

  // settle runs until the promise is settled and returns {value} or {error}. A promise that
  // nothing will ever settle is an error: that is a caller who was lost.
  async settle(promise) {
    let outcome = null;
    promise.then((value) => { outcome = { value }; }, (error) => { outcome = { error }; });
    for (;;) {
      await new Promise((resolve) => real.setImmediate(resolve));
      if (outcome) { return outcome; }
      if (this.timers.length === 0) { throw new Error('a caller is lost: nothing is left that could answer'); }
      this.next();
    }
  }

  next() {
    this.timers.sort((a, b) => a.at - b.at || a.seq - b.seq);
    const timer = this.timers.shift();
    this.time = Math.max(this.time, timer.at);
    timer.f();
  }
}

// random is a small seeded generator (mulberry32): below(n) is 0 … n-1.
function random(seed) {
  let a = seed >>> 0;
  const next = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { below: (n) => Math.floor(next() * n), chance: (p) => next() < p };
}

module.exports = { Clock, random };
