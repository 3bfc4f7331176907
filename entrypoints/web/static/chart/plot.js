// What is drawn on the chart: candles, volume, the day's VWAP, news lane and alert pins, on one time axis.
import { effect, signal } from '../vendor/signals/signals.js';
import { CandlestickSeries, createChartEx, HistogramSeries, LineSeries } from '../vendor/lightweight-charts/lightweight-charts.js';
import { alerts } from '../alerting/alerts-state.js';
import { locale } from '../format/language.js';
import { decimal } from '../format/number.js';
import { zoneName } from '../format/time.js';
import { startOfDay } from '../market/candle-book.js';
import { candlesRemote, loadOlder, revision, shown } from '../market/candles.js';
import { baseOf } from '../market/pairs.js';
import { digits, digitsOf } from '../market/quotes.js';
import { articles } from '../news/news-state.js';
import { overlays } from '../shell/settings.js';
import { wanted } from '../shell/on-demand.js';
import { shade } from '../shell/theme.js';
import { AlertPins } from './alert-pins.js';
import { candleLook, chartLook, palette, volumeColours } from './look.js';
import { NewsLane } from './news-lane.js';
import { sessionVwap } from './vwap.js';
import { crosshairTime, tickMarks, ZoneAxis } from './zone-axis.js';

const BAR_PX = 7; // the width of a bar at first
const FEWEST_BARS = 40;
const OLDER_WITHIN = 60; // bars left of the edge when older ones are fetched
const KEYS = /^(ArrowLeft|ArrowRight|Home|End|[np+=\u2212-])$/; // cursor.js knows what they mean
const AHEAD_S = 3600; // as far as the forecasts reach
const AHEAD_SHARE = 0.2; // of the width, at most

const stamp = (/** @type {number} */ seconds) => /** @type {ChartStamp} */ (seconds);

/** @typedef {ReturnType<typeof build>} Parts */

/** @param {HTMLElement} host */
function build(host) {
  const colours = palette();
  const api = createChartEx(host, new ZoneAxis(), {
    ...chartLook(colours),
    autoSize: true,
    timeScale: { ...chartLook(colours).timeScale, allowShiftVisibleRangeOnWhitespaceReplacement: true }, // a bar takes the place of one that was to come
    handleScroll: { vertTouchDrag: false }, // a vertical swipe scrolls the page
    kineticScroll: { touch: !matchMedia('(prefers-reduced-motion: reduce)').matches, mouse: false },
  });
  const quiet = /** @type {const} */ ({ priceLineVisible: false, lastValueVisible: false });
  const candles = api.addSeries(CandlestickSeries, candleLook(colours));
  const vwap = api.addSeries(LineSeries, { ...quiet, lineWidth: 1, crosshairMarkerVisible: false });
  const volume = api.addSeries(HistogramSeries, { ...quiet, priceFormat: { type: 'volume' } }, 1);
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.1, bottom: 0 } });
  api.panes()[0]?.setStretchFactor(5);
  api.panes()[1]?.setStretchFactor(1);
  const lane = new NewsLane(colours);
  const pins = new AlertPins(colours, highOf);
  candles.attachPrimitive(lane);
  candles.attachPrimitive(pins);
  return { api, candles, vwap, volume, lane, pins };
}

export class Plot {
  /** The bar under the crosshair, in UTC seconds; null: none. */
  pointed = signal(/** @type {number | null} */ (null));
  /** Whether keys put it there: then it is read out. */
  byKey = signal(false);
  parts;
  #host;
  #stops;
  /** @type {import('../market/candle-book.js').CandleBook | null} */
  #drawnBook = null;
  #drawnBars = 0;
  #averaged = 0;
  /** @type {Promise<void> | null} */
  #laying = null;
  #removed = false;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.#host = host;
    this.parts = build(host);
    const { api } = this.parts;
    api.subscribeCrosshairMove(({ time, sourceEvent }) => {
      if (sourceEvent) this.byKey.value = false;
      this.pointed.value = time === undefined ? null : Number(time);
    });
    api.subscribeClick(({ hoveredInfo }) => {
      const mark = hoveredInfo?.objectId;
      if (mark) void wanted(import('./open-mark.js')).then((found) => found?.openMark(String(mark)));
    });
    api.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range && range.from < OLDER_WITHIN) void loadOlder();
    });
    const works = [() => this.#paint(), () => this.#scale(), () => this.#fill(), () => this.#average(), () => this.#news(), () => this.#alerts()];
    this.#stops = works.map((work) => effect(work));
    this.#stops.push(effect(() => {
      if (candlesRemote.state.value.phase !== 'loading' && !this.#laying) this.#laying = this.#lay();
    }));
    this.#stops.push(effect(() => {
      if (this.pointed.value !== null) void import('./bar-words.js');
    }));
    void document.fonts.ready.then(() => api.applyOptions({ layout: { fontSize: 12 } })); // measured anew with the font
  }

  /** What else is laid over the candles comes after them. */
  async #lay() {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const { lay } = await import('./overlays.js');
    if (!this.#removed) this.#stops.push(lay(this.parts));
  }

  remove() {
    this.#removed = true;
    for (const stop of this.#stops) stop();
    this.parts.api.remove();
  }

  /** Colours, language and zone. */
  #paint() {
    void shade.value;
    void zoneName.value;
    const { api, candles, vwap } = this.parts;
    const colours = palette();
    api.applyOptions({ ...chartLook(colours), localization: { locale: locale.value, timeFormatter: crosshairTime } });
    // A new function each time, else the chart keeps the labels of the language before.
    const labels = { timeVisible: true, tickMarkFormatter: tickMarks() };
    api.timeScale().applyOptions(labels);
    candles.applyOptions(candleLook(colours));
    vwap.applyOptions({ color: colours.text });
    this.#redraw(shown.peek().book.bars());
  }

  /** Prices with the pair's decimals. */
  #scale() {
    void digits.value;
    void locale.value;
    const places = digitsOf(shown.value.pair);
    const priceFormat = {
      type: /** @type {const} */ ('custom'),
      minMove: 10 ** -places,
      formatter: (/** @type {number} */ price) => decimal(price.toFixed(places), places),
    };
    this.parts.candles.applyOptions({ priceFormat });
    this.parts.vwap.applyOptions({ priceFormat });
  }

  /** New bars since the last look: the tail is updated, anything older is drawn anew. Who looks at the newest goes on to. */
  #fill() {
    void revision.value;
    const { book } = shown.value;
    const { whole, bars } = book.takeChange();
    if (whole || book !== this.#drawnBook || !this.#drawnBars) {
      const drawn = book === this.#drawnBook ? this.#drawnBars : 0;
      const scale = this.parts.api.timeScale();
      const range = drawn < FEWEST_BARS ? null : scale.getVisibleLogicalRange(); // the stream can be quicker than the history
      this.#redraw(book.bars());
      if (book !== this.#drawnBook) this.clearCursor();
      const added = book.bars().length - drawn;
      if (range && range.to >= drawn - 1) scale.setVisibleLogicalRange({ from: range.from + added, to: range.to + added });
      else if (!range && book.size) this.#lookAtNewest(book.bars().length);
      this.#drawnBook = book;
    } else for (const bar of bars) this.#update(bar);
    this.#drawnBars = book.bars().length;
  }

  /** The line is reckoned anew for the day that changed, or for all days when bars came in front. */
  #average() {
    void revision.value;
    const { book } = shown.value;
    const bars = overlays.vwap.value ? book.bars() : [];
    const { vwap } = this.parts;
    if (bars.length === this.#averaged && bars.length) {
      const today = startOfDay(book.last ?? 0);
      const point = sessionVwap(bars.filter((bar) => bar.time >= today)).at(-1);
      if (point) vwap.update(point);
    } else vwap.setData(sessionVwap(bars));
    this.#averaged = bars.length;
  }

  /** @param {number} bars how many there are */
  #lookAtNewest(bars) {
    this.showNewest(bars, Math.max(FEWEST_BARS, Math.round(this.#host.clientWidth / BAR_PX)));
    this.parts.candles.priceScale().applyOptions({ autoScale: true });
  }

  /** With room for what the forecasts say. @param {number} bars how many there are @param {number} inSight */
  showNewest(bars, inSight) {
    const ahead = Math.max(3, overlays.forecast.peek() ? Math.min(inSight * AHEAD_SHARE, AHEAD_S / shown.peek().book.step + 3) : 3);
    this.parts.api.timeScale().setVisibleLogicalRange({ from: bars + ahead - inSight, to: bars + ahead });
  }

  /** @param {readonly Bar[]} bars */
  #redraw(bars) {
    const colours = volumeColours(palette());
    this.parts.candles.setData(bars.map(({ time, row }) => (row ? candlePoint(time, row) : { time: stamp(time) })));
    this.parts.volume.setData(bars.map(({ time, row }) => (row ? volumePoint(time, row, colours) : { time: stamp(time) })));
  }

  /** @param {Bar} bar */
  #update({ time, row }) {
    this.parts.candles.update(row ? candlePoint(time, row) : { time: stamp(time) });
    this.parts.volume.update(row ? volumePoint(time, row, volumeColours(palette())) : { time: stamp(time) });
  }

  /** News of the pair, each on the bar it became known in. */
  #news() {
    const { pair, book } = shown.value;
    const news = overlays.news.value ? articles.value.filter((article) => article.tags.includes(baseOf(pair))) : [];
    const marks = news.map(({ id, recorded_at, sentiment }) => ({ id, time: barOf(recorded_at, book.step), label: sentiment?.label ?? null }));
    this.parts.lane.show(marks.sort((a, b) => a.time - b.time), palette());
  }

  /** Alerts of the pair, above the bars the price moved in. */
  #alerts() {
    const { pair, book } = shown.value;
    const own = overlays.alerts.value ? alerts.value.filter((alert) => alert.pair === pair) : [];
    const pins = own.map(({ id, timestamp, price, status }) => ({ id, time: barOf(timestamp, book.step), price: Number(price), open: status === 'raised' }));
    this.parts.pins.show(pins.sort((a, b) => a.time - b.time), palette());
  }

  /** Keys that move and scale the chart. @param {KeyboardEvent} event @returns {boolean} whether it was one of them */
  key(event) {
    if (!KEYS.test(event.key)) return false;
    void wanted(import('./cursor.js')).then((cursor) => cursor?.press(this, event));
    return true;
  }

  /** The whole drawing as a picture. */
  picture() {
    return this.parts.api.takeScreenshot(true);
  }

  /** The times in sight, in UTC seconds. */
  sight() {
    return this.parts.api.timeScale().getVisibleRange();
  }

  clearCursor() {
    this.parts.api.clearCrosshairPosition();
    this.pointed.value = null;
  }
}

/** The start of the bar that a time lies in, in UTC seconds. @param {string} time @param {number} step */
const barOf = (time, step) => Math.floor(Date.parse(time) / 1000 / step) * step;

/** @param {number} time */
function highOf(time) {
  const row = shown.peek().book.at(time);
  return row && Number(row.high);
}

/** @param {number} time @param {Candle} row */
const candlePoint = (time, row) => ({
  time: stamp(time),
  open: Number(row.open),
  high: Number(row.high),
  low: Number(row.low),
  close: Number(row.close),
});

/** @param {number} time @param {Candle} row @param {{up: string, down: string}} colours */
const volumePoint = (time, row, colours) => ({
  time: stamp(time),
  value: Number(row.volume),
  color: Number(row.close) < Number(row.open) ? colours.down : colours.up,
});
