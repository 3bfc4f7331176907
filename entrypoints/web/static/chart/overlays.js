// What is laid over the candles once they stand: forecasts and what became of them, and whatever else there is or is asked for.
import { effect } from '../vendor/signals/signals.js';
import { LineSeries } from '../vendor/lightweight-charts/lightweight-charts.js';
import { outcomes } from '../analytics/outcome-state.js';
import { outlooks } from '../analytics/forecast-state.js';
import { span } from '../format/time.js';
import { revision, shown } from '../market/candles.js';
import { gaps } from '../market/gaps-state.js';
import { overlays } from '../shell/settings.js';
import { Cone } from './cone.js';
import { palette } from './look.js';
import { Outcomes } from './outcomes.js';

/** @typedef {Pick<import('./plot.js').Parts, 'api' | 'candles'>} Under */

const seconds = (/** @type {string} */ time) => Date.parse(time) / 1000;
const FARTHEST_BARS = 60;

/** Lay them over a chart. @param {Under} under @returns {() => void} take them away */
export function lay(under) {
  let asked = false;
  const more = () => {
    if (asked || !(overlays.averages.value || overlays.trades.value)) return;
    asked = true;
    void import('./more-overlays.js').then(({ layMore }) => stops.push(...layMore(under)));
  };
  let shading = false;
  const shade = () => {
    if (shading || !gaps.value.length) return;
    shading = true;
    void import('./gap-layer.js').then(({ layGaps }) => stops.push(layGaps(under)));
  };
  const stops = [cone(under), outcomesShown(under), shade, more].map((work) => effect(work));
  return () => stops.forEach((stop) => stop());
}

/** @param {Under} under */
function cone({ api, candles }) {
  // Its points give the axis the bars that are to come; it draws nothing itself.
  const ahead = api.addSeries(LineSeries, { priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false, visible: false });
  const drawing = new Cone(palette());
  candles.attachPrimitive(drawing);
  let [before, drawn] = ['', ''];
  /** @type {ChartPalette | null} */
  let painted = null;
  return () => {
    void revision.value;
    const { pair, book } = shown.value;
    const { last, step } = book;
    const now = last === undefined ? undefined : seconds(book.at(last)?.recorded_at ?? '') || last;
    const rows = overlays.forecast.value && now !== undefined ? [...outlooks.value.values()] : [];
    const wedges = rows.flatMap(({ row, from }) => {
      if (!row || row.pair !== pair || seconds(row.target_at) <= (now ?? 0)) return [];
      const [price, lower, upper] = [Number(row.price), Number(row.lower), Number(row.upper)];
      return [{ issued: seconds(row.issued_at), target: seconds(row.target_at), from: Number(from ?? row.price), price, lower, upper, name: span(row.horizon_s) }];
    });
    const farthest = Math.max(0, ...wedges.map(({ target }) => target));
    const key = `${pair} ${step} ${last} ${farthest}`;
    if (key !== before) {
      const times = [];
      for (let time = (last ?? 0) + step; time <= farthest && times.length < FARTHEST_BARS; time += step) times.push({ time: /** @type {ChartStamp} */ (time) });
      ahead.setData(times);
      before = key;
    }
    // Asked for by a drawing, the chart lays itself out anew and then draws twice: not with each trade.
    const [content, colours] = [JSON.stringify([wedges, step]), palette()];
    if (content === drawn && colours === painted) return;
    [drawn, painted] = [content, colours];
    drawing.show(wedges, step, colours);
  };
}

/** @param {Under} under */
function outcomesShown({ candles }) {
  const drawing = new Outcomes(palette());
  candles.attachPrimitive(drawing);
  return () => {
    const rows = overlays.forecast.value ? outcomes.value : [];
    const marks = rows.map(({ target_at, actual, lower, upper, inside }) => ({
      time: seconds(target_at), actual: Number(actual), lower: Number(lower), upper: Number(upper), inside: inside === true,
    }));
    drawing.show(marks.reverse(), shown.value.book.step, palette());
  };
}
