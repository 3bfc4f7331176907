// The chart's keys: a cursor that goes from bar to bar and from mark to mark, and how much is in sight.
import { shown } from '../market/candles.js';
import { moments } from './bar-notes.js';

/** @typedef {import('./plot.js').Plot} Plot */

const PAGE = 20;

/** One of the keys that `Plot.key` takes. @param {Plot} plot @param {KeyboardEvent} event */
export function press(plot, { key, shiftKey }) {
  const bars = shiftKey ? PAGE : 1;
  if (key === 'ArrowLeft') step(plot, -bars);
  else if (key === 'ArrowRight') step(plot, bars);
  else if (key === 'n') void stepToMark(plot, 1);
  else if (key === 'p') void stepToMark(plot, -1);
  else if (key === 'Home') step(plot, -shown.peek().book.bars().length);
  else if (key === 'End') showNewest(plot);
  else zoom(plot, key === '+' || key === '=' ? 0.8 : 1.25);
}

/** Move the cursor by bars; it starts at the newest. @param {Plot} plot @param {number} bars */
function step(plot, bars) {
  const all = shown.peek().book.bars();
  const pointed = plot.pointed.peek();
  const found = pointed === null ? -1 : all.findIndex((bar) => bar.time === pointed);
  goTo(plot, all, Math.max(0, Math.min(all.length - 1, (found < 0 ? all.length - 1 : found) + bars)));
}

/** Move the cursor to the next or the last mark; without a cursor, from the live edge. @param {Plot} plot @param {1 | -1} way */
async function stepToMark(plot, way) {
  await import('./bar-words.js');
  const all = shown.peek().book.bars();
  const from = plot.pointed.peek() ?? (all.at(-1)?.time ?? 0) + 1; // what is still to come has no bar
  const times = moments.peek();
  const time = way > 0 ? times.find((one) => one > from) : times.findLast((one) => one < from);
  const index = time === undefined ? -1 : all.findIndex((bar) => bar.time >= time);
  if (index >= 0) goTo(plot, all, index);
}

/** @param {Plot} plot @param {readonly Bar[]} all @param {number} index */
function goTo(plot, all, index) {
  const bar = all[index];
  if (!bar) return;
  const { api, candles } = plot.parts;
  const range = api.timeScale().getVisibleLogicalRange();
  if (range && (index < range.from || index > range.to)) {
    const shift = index < range.from ? index - range.from : index - range.to;
    api.timeScale().setVisibleLogicalRange({ from: range.from + shift, to: range.to + shift });
  }
  const priced = all.slice(0, index + 1).findLast((one) => one.row)?.row;
  api.setCrosshairPosition(Number(priced?.close ?? 0), /** @type {ChartStamp} */ (bar.time), candles);
  plot.byKey.value = true;
  plot.pointed.value = bar.time;
}

/** The live edge, with as many bars as are in sight; at once, as an animation is broken off by the next bar. @param {Plot} plot */
function showNewest(plot) {
  plot.clearCursor();
  const range = plot.parts.api.timeScale().getVisibleLogicalRange();
  if (range) plot.showNewest(shown.peek().book.bars().length, range.to - range.from);
}

/** @param {Plot} plot @param {number} factor */
function zoom(plot, factor) {
  const scale = plot.parts.api.timeScale();
  const range = scale.getVisibleLogicalRange();
  if (range) scale.setVisibleLogicalRange({ from: range.to - (range.to - range.from) * factor, to: range.to });
}
