// Several pairs on one time axis: as lines in percent since the left edge, or as a small chart each.
import { effect, signal } from '../vendor/signals/signals.js';
import { CandlestickSeries, createChartEx, LineSeries } from '../vendor/lightweight-charts/lightweight-charts.js';
import { locale, words } from '../format/language.js';
import { decimal } from '../format/number.js';
import { zoneName } from '../format/time.js';
import { digitsOf } from '../market/quotes.js';
import { books, comparedRevision, loadOlderCompared } from './compare-state.js';
import { candleLook, chartLook, palette } from './look.js';
import { crosshairTime, tickMarks, ZoneAxis } from './zone-axis.js';

/** @typedef {{host: HTMLElement, pairs: string[]}} Cell  a chart, and the pairs on it */
/** @typedef {ReturnType<typeof plotOf>} ComparePlot */

const PERCENTAGE = /** @type {any} */ (2); // PriceScaleMode.Percentage: since the first value in sight
const OLDER_WITHIN = 60;
const BAR_PX = 7;
/** One colour and one kind of line a pair, so that they are told apart without colours too. */
export const LINES = /** @type {const} */ ([
  { colour: 'text', style: 0 },
  { colour: 'up', style: 2 },
  { colour: 'down', style: 1 },
  { colour: 'accent', style: 3 },
]);

/** The first bar in sight, in UTC seconds: what percent count from. */
export const leftEdge = signal(/** @type {number | null} */ (null));

/** The starts of all bars of all pairs, in order: each chart gets them all, so that all have one axis. */
function axis() {
  const times = new Set([...books.value.values()].flatMap((book) => book.bars().map(({ time }) => time)));
  return [...times].sort((a, b) => a - b);
}

/** @param {Cell} cell @param {boolean} percent */
function plotOf({ host, pairs }, percent) {
  const colours = palette();
  const api = createChartEx(host, new ZoneAxis(), {
    ...chartLook(colours),
    autoSize: true,
    handleScroll: { vertTouchDrag: false },
    rightPriceScale: { ...chartLook(colours).rightPriceScale, scaleMargins: { top: 0.16, bottom: 0.08 }, mode: percent ? PERCENTAGE : 0 },
  });
  const series = pairs.map((pair, index) => {
    const { style } = LINES[index] ?? LINES[0];
    const one = percent
      ? api.addSeries(LineSeries, { lineWidth: 2, lineStyle: style, priceLineVisible: false })
      : api.addSeries(CandlestickSeries, candleLook(colours));
    return { pair, one };
  });
  return { api, series };
}

/** @param {number} percent */
const percentageFormatter = (percent) => words.value.percent(decimal(percent.toFixed(2), 2));

/** @param {ComparePlot} plot @param {boolean} percent */
function paint({ api, series }, percent) {
  const colours = palette();
  void zoneName.value;
  const look = chartLook(colours);
  api.applyOptions({ layout: look.layout, grid: look.grid, crosshair: look.crosshair, localization: { locale: locale.value, timeFormatter: crosshairTime, percentageFormatter } });
  const labels = { ...look.timeScale, timeVisible: true, rightOffset: 4, tickMarkFormatter: tickMarks() };
  api.timeScale().applyOptions(labels);
  series.forEach(({ pair, one }, index) => {
    const places = digitsOf(pair);
    const formatter = (/** @type {number} */ price) => decimal(price.toFixed(places), places);
    const priceFormat = { type: /** @type {const} */ ('custom'), minMove: 10 ** -places, formatter };
    if (percent) one.applyOptions({ color: colours[(LINES[index] ?? LINES[0]).colour], priceFormat });
    else one.applyOptions({ ...candleLook(colours), priceFormat });
  });
}

/** @param {ComparePlot} plot @param {boolean} percent @param {number[]} times */
function fill({ series }, percent, times) {
  for (const { pair, one } of series) {
    const book = books.value.get(pair);
    const points = times.map((start) => {
      const time = /** @type {ChartStamp} */ (start);
      const row = book?.at(start);
      if (!row) return { time };
      const close = Number(row.close);
      return percent ? { time, value: close } : { time, open: Number(row.open), high: Number(row.high), low: Number(row.low), close };
    });
    one.setData(/** @type {any} */ (points));
  }
}

/** Draw them, moving together. @param {Cell[]} cells @param {boolean} percent @returns {() => void} take them away */
export function drawCompared(cells, percent) {
  const plots = cells.map((cell) => plotOf(cell, percent));
  let [drawn, moving] = [0, false];
  for (const { api } of plots) {
    api.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (!range || moving) return;
      moving = true;
      for (const other of plots) if (other.api !== api) other.api.timeScale().setVisibleLogicalRange(range);
      moving = false;
      if (range.from < OLDER_WITHIN && drawn) void loadOlderCompared();
    });
    api.subscribeCrosshairMove(({ time, sourceEvent }) => {
      if (!sourceEvent) return;
      for (const other of plots) {
        const first = other.series[0];
        if (other.api === api || !first) continue;
        const row = time === undefined ? undefined : books.peek().get(first.pair)?.at(Number(time));
        if (row && time !== undefined) other.api.setCrosshairPosition(Number(row.close), time, first.one);
        else other.api.clearCrosshairPosition();
      }
    });
  }
  plots[0]?.api.timeScale().subscribeVisibleTimeRangeChange((range) => (leftEdge.value = range && Number(range.from)));
  const stops = [
    effect(() => plots.forEach((plot) => paint(plot, percent))),
    effect(() => {
      void comparedRevision.value;
      const times = axis();
      const range = drawn ? (plots[0]?.api.timeScale().getVisibleLogicalRange() ?? null) : null;
      const added = times.length - drawn;
      moving = true; // they are moved here, all of them
      for (const plot of plots) {
        fill(plot, percent, times);
        const scale = plot.api.timeScale();
        const bars = Math.max(30, Math.round(scale.width() / BAR_PX));
        if (!range && times.length) scale.setVisibleLogicalRange({ from: times.length - bars, to: times.length + 3 });
        else if (range && range.to >= drawn - 1 && added) scale.setVisibleLogicalRange({ from: range.from + added, to: range.to + added });
      }
      moving = false;
      drawn = times.length;
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    for (const { api } of plots) api.remove();
  };
}
