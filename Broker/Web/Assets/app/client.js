// The broker's own protocol over a WebSocket: docs/reference/protocol.md. No part of the page is needed for it.
import { parse } from './text.js';

const commandTimeout = 10_000;
const pingGrace = 10_000;
const firstDelay = 300;
const longestDelay = 20_000;

const isFinal = (code) => (code >= 3500 && code < 4000) || (code >= 4500 && code < 5000);

const failure = (code, message) => Object.assign(new Error(message), { code });

/**
 * One connection that comes back by itself, and its subscriptions.
 * `state` is idle, connecting, connected, waiting (until `retryAt`) or refused (for good); `reason` says why.
 */
export class Client extends EventTarget {
  state = 'idle';
  reason = '';
  retryAt = 0;
  #url;
  #getToken;
  #socket = null;
  #nextId = 1;
  #waiting = new Map();
  #subscriptions = new Map();
  #attempt = 0;
  #retry;
  #silence;
  #silenceLimit = 0;
  #heardAt = 0;
  #answersPings = false;

  /** @param getToken Called for each connect; null: anonymous. */
  constructor(url, getToken = () => null) {
    super();
    this.#url = url;
    this.#getToken = getToken;
    addEventListener('online', () => { if (this.state === 'waiting') { this.#open(); } });
    // A page in the browser's cache of pages is not disconnected, but frozen.
    addEventListener('pageshow', (event) => { if (event.persisted) { this.restart(); } });
  }

  connect() {
    if (this.state === 'idle') {
      this.#open();
    }
  }

  /** Connects again, with the token of now. */
  restart() {
    this.#attempt = 0;
    this.#drop('another token');
    this.#open();
  }

  /**
   * Subscribes, and again after each reconnect.
   * @param handlers publication(publication, size), subscribed(result, { again, since }), ended(code, reason)
   */
  subscribe(channel, handlers) {
    const subscription = { channel, handlers, isOpen: false, wasOpen: false, lostAt: 0, position: null };
    this.#subscriptions.set(channel, subscription);
    if (this.state === 'connected') {
      this.#subscribe(subscription);
    }
    return subscription;
  }

  /** Tries again to subscribe, after it was refused. */
  resubscribe(subscription) {
    if (this.state === 'connected' && !subscription.isOpen) {
      this.#subscribe(subscription);
    }
  }

  publish(channel, data) {
    return this.#send('publish', { channel, data });
  }

  /** The latest publications, newest first. */
  async history(channel, limit) {
    return (await this.#send('history', { channel, limit, reverse: true })).publications ?? [];
  }

  presence(channel) {
    return this.#send('presence_stats', { channel });
  }

  #open() {
    clearTimeout(this.#retry);
    this.#show('connecting');
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#greet();
    socket.onmessage = (event) => this.#hear(event.data);
    socket.onclose = (event) => {
      if (this.#socket === socket) {
        this.#lost(event.code, event.reason);
      }
    };
  }

  async #greet() {
    const token = this.#getToken();
    try {
      const result = await this.#send('connect', { ...(token ? { token } : {}), name: 'page' });
      this.#attempt = 0;
      this.#answersPings = result.pong === true;
      this.#silenceLimit = result.ping ? result.ping * 1000 + pingGrace : 0;
      this.#watchSilence();
      this.#show('connected');
      this.#subscriptions.forEach((subscription) => this.#subscribe(subscription));
    } catch (error) {
      // 109: the token has expired. Others are for good too, unless the server says otherwise.
      this.#drop(error.message);
      if (error.temporary || error.code === 0) {
        this.#wait(error.message);
      } else {
        this.#show('refused', error.message);
      }
    }
  }

  async #subscribe(subscription) {
    const { channel, position, wasOpen } = subscription;
    try {
      const result = await this.#send('subscribe', {
        channel, recoverable: true, positioned: true, ...(position ? { recover: true, ...position } : {}),
      });
      subscription.isOpen = true;
      subscription.wasOpen = true;
      const missed = result.publications ?? [];
      subscription.position = result.recoverable ? { offset: missed.at(-1)?.offset ?? result.offset ?? 0, epoch: result.epoch ?? '' } : null;
      subscription.handlers.subscribed?.(result, { again: wasOpen, since: subscription.lostAt });
      missed.forEach((publication) => subscription.handlers.publication(publication, JSON.stringify(publication).length));
    } catch (error) {
      if (error.temporary || error.code === 0) {
        setTimeout(() => this.state === 'connected' && !subscription.isOpen && this.#subscribe(subscription), 2000);
      } else {
        subscription.handlers.ended?.(error.code, error.message);
      }
    }
  }

  #send(name, request) {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) {
      return Promise.reject(failure(0, 'not connected'));
    }
    const id = this.#nextId++;
    socket.send(JSON.stringify({ id, [name]: request }));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(failure(0, 'the server did not answer'));
      }, commandTimeout);
      this.#waiting.set(id, (reply) => {
        clearTimeout(timer);
        if (reply.error) {
          reject(Object.assign(failure(reply.error.code, reply.error.message), { temporary: reply.error.temporary }));
        } else {
          resolve(reply[name] ?? {});
        }
      });
    });
  }

  #hear(message) {
    this.#heardAt = performance.now();
    for (const line of message.split('\n')) {
      if (line === '{}') {
        if (this.#answersPings) {
          this.#socket?.send('{}');
        }
      } else if (line) {
        this.#take(parse(line), line.length);
      }
    }
  }

  #take(reply, size) {
    if (reply.id) {
      const answer = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      answer?.(reply);
      return;
    }
    const { channel, pub, unsubscribe } = reply.push ?? {};
    const subscription = this.#subscriptions.get(channel);
    if (pub && subscription) {
      if (pub.offset && subscription.position) {
        subscription.position.offset = pub.offset;
        subscription.position.epoch = pub.epoch ?? subscription.position.epoch;
      }
      subscription.handlers.publication(pub, size);
    } else if (unsubscribe && subscription) {
      this.#end(subscription, unsubscribe);
    }
  }

  #end(subscription, { code, reason }) {
    subscription.isOpen = false;
    subscription.lostAt = Date.now();
    if (code >= 2500) {
      this.#subscribe(subscription);
    } else {
      subscription.handlers.ended?.(code, reason);
    }
  }

  // One timer for all messages: to set one for each would cost more than to read it.
  #watchSilence() {
    clearTimeout(this.#silence);
    const left = this.#heardAt + this.#silenceLimit - performance.now();
    if (this.#silenceLimit && left <= 0) {
      this.#lost(0, 'the server has gone silent');
    } else if (this.#silenceLimit) {
      this.#silence = setTimeout(() => this.#watchSilence(), left + 1);
    }
  }

  #lost(code, reason) {
    const text = reason || (this.#attempt === 0 && this.state === 'connected' ? 'the connection was lost' : 'the server cannot be reached');
    this.#drop(text);
    if (isFinal(code)) {
      this.#show('refused', `${text} (${code})`);
    } else {
      this.#wait(text);
    }
  }

  // Full jitter: a server that comes back is not met by all pages at one moment.
  #wait(reason) {
    const delay = 100 + Math.random() * Math.min(longestDelay, firstDelay * 2 ** this.#attempt++);
    this.retryAt = Date.now() + delay;
    this.#retry = setTimeout(() => this.#open(), delay);
    this.#show('waiting', reason);
  }

  #drop(reason) {
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.isOpen) {
        subscription.isOpen = false;
        subscription.lostAt = Date.now();
      }
    }
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    waiting.forEach((answer) => answer({ error: { code: 0, message: reason } }));
  }

  #show(state, reason = '') {
    this.state = state;
    this.reason = reason;
    this.dispatchEvent(new Event('state'));
  }
}
