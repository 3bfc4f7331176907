// Candles in order of time, and what of them changed since the chart last looked. Pure: no network, no page.

/** Absent bars are inserted as blanks, but a gap longer than this closes up: nobody scrolls through it. */
const LONGEST_BLANK = 2000;
const DAY = 86_400;

/** Midnight UTC before a time. @param {number} time UTC seconds */
export const startOfDay = (time) => Math.floor(time / DAY) * DAY;

export class CandleBook {
  /** @type {Map<number, Candle>} */
  #rows = new Map();
  /** @type {number[]} starts in order, in UTC seconds */
  #starts = [];
  /** @type {number | null} the first start that changed; null when nothing did */
  #changedFrom = null;
  #whole = true;
  /** The last start the chart has seen: it takes nothing from before it. */
  #drawnTo = -Infinity;
  /** @type {readonly Bar[] | null} */
  #all = null;

  /** @param {number} step seconds between bars */
  constructor(step) {
    this.step = step;
  }

  get size() {
    return this.#starts.length;
  }

  get first() {
    return this.#starts[0];
  }

  get last() {
    return this.#starts.at(-1);
  }

  /** @param {number} start */
  at(start) {
    return this.#rows.get(start);
  }

  /** The newest candles, newest first. @param {number} count */
  newest(count) {
    return this.#starts.slice(-count).reverse().map((start) => /** @type {Candle} */ (this.#rows.get(start)));
  }

  /** Take rows in any order; of two of one bar the one recorded later counts. @param {Candle[]} rows */
  put(rows) {
    let fresh = false;
    this.#all = null;
    const lastBefore = this.last ?? -Infinity;
    for (const row of rows) {
      const start = Date.parse(row.start) / 1000;
      const known = this.#rows.get(start);
      if (known && Date.parse(known.recorded_at) > Date.parse(row.recorded_at)) continue;
      this.#rows.set(start, row);
      if (!known) {
        this.#starts.push(start);
        fresh = true;
      }
      if (start < lastBefore) this.#whole = true;
      else this.#changedFrom = Math.min(this.#changedFrom ?? Infinity, start);
    }
    if (fresh) this.#starts.sort((a, b) => a - b);
  }

  /** Every bar, oldest first. @returns {readonly Bar[]} */
  bars() {
    return (this.#all ??= this.first === undefined ? [] : this.#barsFrom(this.first));
  }

  /** What the chart must draw: every bar anew, or the bars from the first changed one on. */
  takeChange() {
    const whole = this.#whole;
    const from = this.#changedFrom;
    const drawn = this.#drawnTo;
    this.#whole = false;
    this.#changedFrom = null;
    this.#drawnTo = this.last ?? -Infinity;
    if (whole) return { whole, bars: this.bars() };
    return { whole, bars: from === null ? [] : this.#barsFrom(from).filter((bar) => bar.time >= drawn) };
  }

  /** @param {number} from @returns {Bar[]} */
  #barsFrom(from) {
    /** @type {Bar[]} */
    const bars = [];
    let index = this.#starts.length;
    while (index > 0 && /** @type {number} */ (this.#starts[index - 1]) >= from) index--;
    let before = this.#starts[index - 1];
    for (; index < this.#starts.length; index++) {
      const start = /** @type {number} */ (this.#starts[index]);
      if (before !== undefined && (start - before) / this.step <= LONGEST_BLANK)
        for (let blank = before + this.step; blank < start; blank += this.step) bars.push({ time: blank, row: null });
      bars.push({ time: start, row: this.#rows.get(start) ?? null });
      before = start;
    }
    return bars;
  }
}
