// One WebSocket to the stream. It remembers the last cursor of each channel and resumes after it.
import { signal } from '../vendor/signals-core/signals-core.js';

/**
 * @typedef {'tickers' | 'trades' | 'candles' | 'articles' | 'alerts' | 'predictions' | 'feeds'} Channel
 * @typedef {{phase: 'connecting' | 'open', lost: boolean} | {phase: 'waiting', lost: true, retryAt: number}} Link
 * @typedef {object} Listener
 * @property {(channel: Channel, row: any) => void} row
 * @property {() => void} session  the origin changed: nothing shown holds any longer
 * @property {(channels: Channel[]) => void} refill  rows of these channels may have been missed: fetch them
 */

const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 30_000;
const PING_MS = 15_000;
const TOO_SLOW = 4008;

export class Stream {
  link = signal(/** @type {Link} */ ({ phase: 'connecting', lost: false }));
  /** What the server refused, in its words; null when nothing is wrong. */
  refusal = signal(/** @type {string | null} */ (null));
  /** Messages that were no JSON. */
  unreadable = signal(0);
  /** When the last message came, in milliseconds since 1970; 0 before the first. */
  heardAt = 0;
  /** The time machine, once it has come: it hears all first, and says whether that was for it. @type {((message: any) => boolean) | null} */
  past = null;

  #url;
  #listener;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Map<Channel, string>} */
  #cursors = new Map();
  /** @type {Map<Channel, string[] | null>} */
  #wanted = new Map();
  #attempt = 0;
  #timer = 0;
  #resuming = false;
  #pingedAt = 0;

  /** @param {string} url @param {Listener} listener */
  constructor(url, listener) {
    this.#url = url;
    this.#listener = listener;
    setInterval(() => this.#watch(), PING_MS);
    addEventListener('online', () => this.retry());
  }

  /** Want a channel, of all pairs (null) or of these. @param {Channel} channel @param {string[] | null} pairs */
  subscribe(channel, pairs = null) {
    const before = this.#wanted.get(channel);
    this.#wanted.set(channel, pairs);
    if (before !== undefined) this.send({ action: 'unsubscribe', channel, ...(before && { pairs: before }) });
    this.send({ action: 'subscribe', channel, ...(pairs && { pairs }) });
  }

  connect() {
    clearTimeout(this.#timer);
    this.link.value = { phase: 'connecting', lost: this.link.peek().lost };
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#heard(event.data);
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event.code);
    };
  }

  /** Try at once instead of waiting. */
  retry() {
    if (this.link.peek().phase === 'waiting') this.connect();
  }

  #opened() {
    this.heardAt = this.#pingedAt = Date.now();
    const back = this.link.peek().lost;
    this.#resuming = back;
    this.refusal.value = null;
    /** @type {Channel[]} */
    const blind = [];
    for (const [channel, pairs] of this.#wanted) {
      const after = this.#cursors.get(channel);
      if (after === undefined) blind.push(channel);
      this.send({ action: 'subscribe', channel, ...(pairs && { pairs }), ...(after !== undefined && { after }) });
    }
    this.link.value = { phase: 'open', lost: false };
    if (back && blind.length) this.#listener.refill(blind);
  }

  /** @param {unknown} data */
  #heard(data) {
    this.heardAt = Date.now();
    this.#attempt = 0;
    /** @type {any} */
    let message;
    try {
      message = JSON.parse(String(data));
    } catch {
      this.unreadable.value++;
      return;
    }
    // A replay's rows carry the place where it began: nothing to resume from.
    if (typeof message.cursor === 'string' && !message.replay && this.#wanted.has(message.channel)) this.#cursors.set(message.channel, message.cursor);
    if (this.past?.(message)) return;
    if (message.channel === 'error') this.#refused(String(message.detail ?? ''));
    else if (message.channel === 'session') {
      this.#cursors.clear();
      this.#listener.session();
    } else if (message.data && this.#wanted.has(message.channel)) this.#listener.row(message.channel, message.data);
  }

  /** A refused resume (a cursor too old) starts live and fetches the rest. @param {string} detail */
  #refused(detail) {
    if (!this.#resuming) {
      this.refusal.value = detail;
      return;
    }
    this.#resuming = false;
    this.#cursors.clear();
    for (const [channel, pairs] of this.#wanted) this.subscribe(channel, pairs);
    this.#listener.refill([...this.#wanted.keys()]);
  }

  /** @param {number} code */
  #closed(code) {
    this.#socket = null;
    const ceiling = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempt++);
    const wait = code === TOO_SLOW ? FIRST_WAIT_MS : ceiling * (0.5 + Math.random() / 2);
    this.link.value = { phase: 'waiting', lost: true, retryAt: Date.now() + wait };
    this.#timer = setTimeout(() => this.connect(), wait);
  }

  /** A connection that says nothing, not even to a ping, is dead though nobody closed it. */
  #watch() {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (this.#pingedAt > this.heardAt) {
      socket.onclose = null;
      socket.close();
      this.#closed(1006);
      return;
    }
    this.#pingedAt = Date.now();
    this.send({ action: 'ping' });
  }

  /** @param {object} message */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}
