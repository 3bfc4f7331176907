// The chart as a picture, and the candles in sight as a table for other programs.
import { words } from '../format/language.js';
import { full, zoneLabel } from '../format/time.js';
import { shown } from '../market/candles.js';
import { origin } from '../shell/server-state.js';
import { asOf } from '../time-machine/clock.js';
import { palette } from './look.js';

/** @typedef {import('./chart.js').Chart} Chart */

const COLUMNS = /** @type {const} */ (['pair', 'interval', 'start', 'open', 'high', 'low', 'close', 'volume', 'vwap', 'trades', 'origin']);

const HEAD_PX = 28;

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

/** The drawing under a line that says what it is of, whose data that is, and of when. */
export function titled(/** @type {HTMLCanvasElement} */ drawing) {
  const { pair, interval } = shown.peek();
  const from = origin.peek();
  const until = `${full(asOf.peek() ?? Date.now())} ${zoneLabel.peek()}`;
  const text = [pair, interval, until, from && from !== 'live' ? words.peek().origin[from] : '', 'CryptoViz'].filter(Boolean).join(' · ');
  const scale = devicePixelRatio;
  const canvas = document.createElement('canvas');
  canvas.width = drawing.width;
  canvas.height = drawing.height + HEAD_PX * scale;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const { surface, text: ink } = palette();
  context.fillStyle = surface;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = ink;
  context.font = `600 ${13 * scale}px 'Inter Variable', system-ui, sans-serif`;
  context.fillText(text, 12 * scale, 19 * scale, canvas.width - 24 * scale);
  context.drawImage(drawing, 0, HEAD_PX * scale);
  return { canvas, text };
}

export function savePicture() {
  const drawing = chart()?.picture();
  if (!drawing) return;
  titled(drawing).canvas.toBlob((blob) => {
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
