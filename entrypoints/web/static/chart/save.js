// The chart as a picture, and the candles in sight as a table for other programs.
import { shown } from '../market/candles.js';

/** @typedef {import('./chart.js').Chart} Chart */

const COLUMNS = /** @type {const} */ (['pair', 'interval', 'start', 'open', 'high', 'low', 'close', 'volume', 'vwap', 'trades', 'origin']);

const chart = () => /** @type {Chart | null} */ (document.querySelector('cv-chart'));

/** @param {Blob} blob @param {string} ending */
function save(blob, ending) {
  const { pair, interval } = shown.peek();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${pair.replace('/', '-')}-${interval}.${ending}`;
  link.click();
  URL.revokeObjectURL(link.href);
}

export function savePicture() {
  chart()?.picture()?.toBlob((blob) => {
    if (blob) save(blob, 'png');
  });
}

/** Rows as RFC 4180 has them, prices as the server gave them. @param {readonly Candle[]} rows */
export const csv = (rows) => [COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((name) => row[name] ?? '').join(','))].join('\r\n') + '\r\n';

export function saveCandles() {
  const sight = chart()?.sight();
  const bars = shown.peek().book.bars().filter(({ time }) => !sight || (time >= Number(sight.from) && time <= Number(sight.to)));
  save(new Blob([csv(bars.flatMap(({ row }) => (row ? [row] : [])))], { type: 'text/csv' }), 'csv');
}
