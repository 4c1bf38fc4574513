// Figures that are asked for again and again, but only while somebody can see them.

/** Does something now and every few seconds, while it is started and the tab is visible; never twice at the same time. */
export class Repeat {
  #action;
  #interval;
  #timer;
  #isOn = false;
  #isBusy = false;

  constructor(interval, action) {
    this.#interval = interval;
    this.#action = action;
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) {
        this.now();
      }
    });
  }

  start() {
    this.#isOn = true;
    return this.now();
  }

  stop() {
    this.#isOn = false;
    clearTimeout(this.#timer);
  }

  /** Does it now, and then again after the interval. */
  async now() {
    clearTimeout(this.#timer);
    if (!this.#isOn || this.#isBusy || document.hidden) {
      return;
    }
    this.#isBusy = true;
    try {
      await this.#action();
    } finally {
      this.#isBusy = false;
      if (this.#isOn && !document.hidden) {
        this.#timer = setTimeout(() => this.now(), this.#interval);
      }
    }
  }
}
