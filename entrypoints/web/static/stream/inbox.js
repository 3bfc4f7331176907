// Rows wait here for the next frame. What only shows its newest state is coalesced, the rest is bounded, so a hidden
// tab (which gets no frames) holds little and shows the newest at once when it is looked at again.
import { batch, signal } from '../vendor/signals/signals.js';

/**
 * @typedef {import('./socket.js').Channel} Channel
 * @typedef {object} Rooms  what each room does with its new rows
 * @property {(rows: Candle[], missed: boolean) => void} candles  the newest rows, and whether there were more than were kept
 * @property {(rows: Ticker[]) => void} tickers
 * @property {(rows: Trade[], seen: number | null) => void} trades  the newest rows, and how many were told as they happened; null when they are of a longer time, in which nobody looked
 * @property {(rows: Article[]) => void} articles
 * @property {(rows: Alert[]) => void} alerts
 * @property {(rows: Prediction[]) => void} [predictions]  once it has come
 * @property {(rows: Feed[]) => void} feeds
 */

/** Tables are drawn at most so often; the chart is drawn each frame. */
const TABLE_MS = 100;
/** Older than this, what waits did so because no frame came. */
const FRESH_MS = 1000;
/** A trade that was recorded so much later was not seen happen: it was fetched. */
const LATE_MS = 30_000;
const RING = 200;
/** A day of 1-minute candles. */
const CANDLES = 1440;

/** Counts the times that tables were drawn, or what is said of the chart: each time that something came, or soon after. */
export const tableBeat = signal(0);

export class Inbox {
  #rooms;
  #waiting = false;
  #tablesAt = 0;
  #seen = 0;
  /** When the first of the trades that wait came. */
  #since = 0;
  #missed = false;
  /** Whether candles came since the last beat. */
  #untold = false;
  /** @type {Trade[]} */
  #trades = [];
  /** @type {Record<Exclude<Channel, 'trades'>, Map<string, any>>} */
  #newest = {
    tickers: new Map(),
    candles: new Map(),
    articles: new Map(),
    alerts: new Map(),
    predictions: new Map(),
    feeds: new Map(),
  };

  /** @param {Rooms} rooms */
  constructor(rooms) {
    this.#rooms = rooms;
  }

  /** What waits belongs to another time or origin. */
  forget() {
    this.#trades = [];
    this.#seen = 0;
    this.#missed = false;
    for (const rows of Object.values(this.#newest)) rows.clear();
  }

  /** @param {Channel} channel @param {any} row */
  put(channel, row) {
    if (channel === 'trades') {
      if (!this.#trades.length) this.#since = Date.now();
      if (Date.parse(row.recorded_at) - Date.parse(row.timestamp) < LATE_MS) this.#seen++;
      this.#trades.push(row);
      if (this.#trades.length > 2 * RING) this.#trades.splice(0, RING);
    } else {
      const rows = this.#newest[channel];
      const key = channel === 'candles' ? `${row.pair} ${row.interval} ${row.start}` : `${row.id ?? row.name ?? row.pair} ${row.horizon_s ?? ''}`;
      rows.delete(key); // a row seen again becomes the newest
      rows.set(key, row);
      if (rows.size > (channel === 'candles' ? CANDLES : RING)) {
        rows.delete(rows.keys().next().value ?? '');
        this.#missed ||= channel === 'candles';
      }
    }
    if (!this.#waiting) {
      this.#waiting = true;
      requestAnimationFrame((time) => this.#drain(time));
    }
  }

  /** @param {number} time */
  #drain(time) {
    this.#waiting = false;
    batch(() => {
      this.#untold ||= this.#newest.candles.size > 0;
      this.#hand('candles');
      if (time - this.#tablesAt >= TABLE_MS) {
        this.#tablesAt = time;
        tableBeat.value++;
        this.#untold = false;
        this.#hand('tickers');
        this.#hand('articles');
        this.#hand('alerts');
        this.#hand('predictions');
        this.#hand('feeds');
        const fresh = Date.now() - this.#since < FRESH_MS;
        if (this.#trades.length) this.#rooms.trades(this.#trades.slice(-RING), fresh ? this.#seen : null);
        this.#trades = [];
        this.#seen = 0;
      }
    });
    const left = this.#trades.length + Object.values(this.#newest).reduce((sum, rows) => sum + rows.size, 0);
    if ((left || this.#untold) && !this.#waiting) {
      this.#waiting = true;
      requestAnimationFrame((next) => this.#drain(next));
    }
  }

  /** @param {Exclude<Channel, 'trades'>} channel */
  #hand(channel) {
    const rows = this.#newest[channel];
    if (!rows.size) return;
    this.#newest[channel] = new Map();
    /** @type {((rows: any[], missed: boolean) => void) | undefined} */ (this.#rooms[channel])?.([...rows.values()], this.#missed);
    if (channel === 'candles') this.#missed = false;
  }
}
