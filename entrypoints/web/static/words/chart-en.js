// What is laid over the chart, in English: fetched after the chart.
import { plural } from '../format/plural.js';

/** @param {number} n @param {string} one @param {string} other */
const forms = (n, one, other) => plural('en', n, { one, other });

/** @type {import('./chart.js').ChartWords} */
export const chart = {
  tableOf: (pair, interval) => `Candles of ${pair}, ${interval}`,
  openPrice: 'Open',
  highPrice: 'High',
  lowPrice: 'Low',
  closePrice: 'Close',
  volume: 'Volume',
  laidOver: 'On the chart',
  averages: 'Averages of 20 and 50 closes',
  singleTrades: 'Single trades',
  forecastCone: 'Forecasts: ● held, × missed',
  gapsInData: 'Gaps in the data',
  zoomForTrades: 'Zoom in to see single trades.',
  savePicture: 'Save as a picture',
  saveTable: 'Save what is in sight as CSV',
  gapMissing: (n, text) => `${text} ${forms(n, 'trade', 'trades')} missed`,
  gapFilled: (n, text) => `${text} ${forms(n, 'trade', 'trades')} backfilled`,
  newsThen: (title) => `News: ${title}`,
  alertThen: 'Alert',
  forecastThen: (ahead, range, held) => `Forecast of ${ahead} before, ${range}: ${held ? 'held' : 'missed'}`,
  forecastsOf: (pair, ahead) => `Past forecasts of ${pair}, ${ahead} ahead`,
  noneDue: 'No forecast has come due yet.',
  noneDueThen: 'No forecast had come due by then.',
  due: 'Due',
  range: 'Range',
  became: 'It was',
  outcome: 'Outcome',
  heldOrNot: (held) => (held ? '● held' : '× missed'),
  gapsOf: (pair) => `Gaps in the trades of ${pair}`,
  noGaps: 'No gap: every trade that the venue numbered is here.',
  until: 'Until',
  missed: 'Missed',
  now: 'Now',
  gapStates: { missing: 'Missing', backfilled: 'Backfilled' },
  comparedWith: (pairs) => `Compared: ${pairs}`,
  onOneScale: 'On one scale',
  sideBySide: 'Side by side',
  sinceLeft: 'In percent since the left edge.',
  chooseOthers: 'Choose up to three pairs to compare with.',
  percentOf: (pairs, interval, since) => `${pairs}, ${interval}: closes in percent since ${since}`,
  pricesOf: (pairs, interval) => `${pairs}, ${interval}: closing prices`,
};
