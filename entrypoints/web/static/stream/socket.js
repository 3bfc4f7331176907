// One WebSocket to the stream. It remembers the last cursor of each channel and resumes after it; where that cannot be, or
// the data are another origin's by then, all begins anew.
import { signal } from '../vendor/signals/signals.js';
import { link } from './link.js';

/**
 * @typedef {'tickers' | 'trades' | 'candles' | 'articles' | 'alerts' | 'predictions' | 'feeds'} Channel
 * @typedef {object} Listener
 * @property {(channel: Channel, row: any) => void} row
 * @property {() => void} session  nothing shown holds any longer: the origin changed, or rows were missed
 */

const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 30_000;
const PING_MS = 15_000;
const TOO_SLOW = 4008;

export class Stream {
  link = link;
  /** What the server refused, in its words; null when nothing is wrong. */
  refusal = signal(/** @type {string | null} */ (null));
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
  /** Whether this connection was given cursors. What it refuses may be them. */
  #resuming = false;
  /** Whether what is shown no longer holds: it is fetched when the server has answered. */
  #anew = false;
  /** Whose data is shown, in the server's words. @type {string | undefined} */
  #origin;
  #pingedAt = 0;

  /** @param {string} url @param {Listener} listener */
  constructor(url, listener) {
    this.#url = url;
    this.#listener = listener;
    setInterval(() => this.#watch(), PING_MS);
    addEventListener('online', () => this.retry());
  }

  /** Want a channel, of all pairs (null) or of these, in place of those before. @param {Channel} channel @param {string[] | null} pairs */
  subscribe(channel, pairs = null) {
    this.#wanted.set(channel, pairs);
    this.refusal.value = null; // it was of a subscription before
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
    this.#resuming = this.#cursors.size > 0;
    this.refusal.value = null;
    for (const [channel, pairs] of this.#wanted) {
      const after = this.#cursors.get(channel);
      if (back && after === undefined) this.#anew = true; // nobody knows since when its rows are missed
      this.send({ action: 'subscribe', channel, ...(pairs && { pairs }), ...(after !== undefined && { after }) });
    }
    this.link.value = { phase: 'open', lost: false };
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
      return;
    }
    const channel = message.subscription ?? message.channel; // of an acknowledgement, or of a row
    // A replay's rows carry the place where it began: nothing to resume from.
    if (message.cursor && !message.replay && this.#wanted.has(channel)) this.#cursors.set(channel, message.cursor);
    if (this.past?.(message)) return;
    if (message.channel === 'error') this.#refused(String(message.detail ?? ''));
    else if (message.channel === 'ack') this.#acknowledged(message.origin);
    else if (message.channel === 'session') {
      this.#origin = message.origin;
      this.#cursors.clear();
      this.#listener.session();
    } else if (message.data && this.#wanted.has(channel)) this.#listener.row(channel, message.data);
  }

  /** A server that was started again may have other data; on a new connection nothing but this says so. @param {string} origin */
  #acknowledged(origin) {
    const other = origin !== (this.#origin ??= origin);
    if (other && this.#resuming) return this.#startAnew();
    this.#origin = origin;
    if (other) this.past?.({ channel: 'session' });
    if (other || this.#anew) this.#listener.session();
    this.#anew = false;
  }

  /** @param {string} detail */
  #refused(detail) {
    if (this.#resuming) this.#startAnew();
    else this.refusal.value = detail;
  }

  /** The cursors are too old, or of other data: connect without them. What else is refused, or sent, went with the old line. */
  #startAnew() {
    this.#anew = true;
    this.#cursors.clear();
    this.#socket?.close();
    this.connect();
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
