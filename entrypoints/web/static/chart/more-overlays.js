// What is laid over the candles when the reader asks for it: moving averages, and single trades.
import { effect } from '../vendor/signals/signals.js';
import { LineSeries } from '../vendor/lightweight-charts/lightweight-charts.js';
import { revision, shown } from '../market/candles.js';
import { overlays } from '../shell/settings.js';
import { lastAverage, movingAverage } from './averages.js';
import { palette } from './look.js';
import { TradeDots } from './trade-dots.js';
import { dots, sight, tooMany } from './trades-in-sight.js';

/** @typedef {import('./overlays.js').Under} Under */

const QUIET = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false };

/** Lay them over a chart. @param {Under} under @returns {(() => void)[]} take each away */
export const layMore = (under) =>
  [averages(under, 20, 'accent'), averages(under, 50, 'warn'), single(under)].map((work) => effect(work));

/** @param {Under} under @param {number} length @param {'accent' | 'warn'} colour */
function averages({ api }, length, colour) {
  const line = api.addSeries(LineSeries, { ...QUIET, lineWidth: 1, lineStyle: length > 20 ? 2 : 0 });
  let drawn = -1;
  return () => {
    void revision.value;
    const { book } = shown.value;
    line.applyOptions({ color: palette()[colour] });
    const bars = overlays.averages.value ? book.bars() : [];
    const point = bars.length === drawn ? lastAverage(bars, length) : null;
    if (point) line.update(point);
    else line.setData(movingAverage(bars, length));
    drawn = bars.length;
  };
}

/** @param {Under} under */
function single({ api, candles }) {
  const drawing = new TradeDots(palette());
  candles.attachPrimitive(drawing);
  api.timeScale().subscribeVisibleTimeRangeChange((range) => {
    sight.value = range && { from: Number(range.from), to: Number(range.to) };
  });
  const range = api.timeScale().getVisibleRange();
  sight.value = range && { from: Number(range.from), to: Number(range.to) };
  return () => drawing.show(overlays.trades.value && !tooMany.value ? dots.value : [], shown.value.book.step, palette());
}
