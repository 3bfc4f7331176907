// A backtest: what the reader asked for, how it goes, and what came of it.
import { signal } from '../vendor/signals/signals.js';
import { newestTime } from '../market/candles.js';
import { interval, selected } from '../market/pairs.js';
import { ApiError, get, pairInUrl, send } from '../stream/api.js';
import { Remote } from '../stream/remote.js';

/**
 * @typedef {object} Parameter
 * @property {string} name
 * @property {string} meaning
 * @property {number} default
 * @property {number} least
 * @property {number} most
 * @property {boolean} whole
 * @typedef {{name: string, meaning: string, parameters: Parameter[], most_bars: number}} Strategy
 *
 * @typedef {object} Order  as it stands in the form, numbers as they were typed
 * @property {string} strategy
 * @property {string} pair
 * @property {string} interval
 * @property {string} days  before the newest trade; empty: all there is
 * @property {string} fee_pct
 * @property {string} slippage_bp
 * @property {Record<string, string>} parameters  those that were changed
 *
 * @typedef {object} Figures  percentages of equity; null: cannot be told, `why_none` says why
 * @property {number} return_pct
 * @property {number | null} cagr_pct
 * @property {number | null} volatility_pct
 * @property {number | null} sharpe
 * @property {number | null} sortino
 * @property {number | null} calmar
 * @property {number} max_drawdown_pct
 * @property {number} max_drawdown_s
 * @property {number} exposure_pct
 * @property {number} trades
 * @property {number | null} win_rate_pct
 * @property {number | null} profit_factor
 * @property {number | null} expectancy_pct
 * @property {number | null} best_trade_pct
 * @property {number | null} worst_trade_pct
 * @property {Record<string, string>} why_none
 *
 * @typedef {{timestamp: string, equity: number, benchmark: number, drawdown_pct: number}} CurvePoint
 * @typedef {{entered_at: string, exited_at: string | null, entry_price: string, exit_price: string | null, return_pct: number | null}} Round
 *
 * @typedef {object} Report
 * @property {string} strategy
 * @property {string} pair
 * @property {string} interval
 * @property {string} start
 * @property {string} end
 * @property {number} bars
 * @property {number} fee_pct
 * @property {Figures} figures
 * @property {Figures} benchmark
 * @property {{fee_pct: number, return_pct: number}[]} fee_sensitivity
 * @property {CurvePoint[]} curve
 * @property {Round[]} trades
 * @property {string[]} notes
 * @property {string} origin
 */

/** It waits up to 10 s for another one to end, and may walk through 100,000 bars. */
const PATIENCE_MS = 120_000;
const DAY_MS = 86_400_000;

export const strategies = signal(/** @type {readonly Strategy[]} */ ([]));
export const strategiesRemote = new Remote(
  () => get('backtests/', { limit: 1000 }),
  (page) => (strategies.value = page.items),
);

export const order = signal(
  /** @type {Order} */ ({ strategy: 'sma-cross', pair: selected.peek(), interval: interval.peek(), days: '', fee_pct: '0.4', slippage_bp: '5', parameters: {} }),
);
/** What goes on: since when it runs in ms since 1970, what came of it, or what is wrong and with which field. */
export const running = signal(/** @type {number | null} */ (null));
export const report = signal(/** @type {Report | null} */ (null));
export const fault = signal(/** @type {{field: string | null, text: string} | null} */ (null));

/** @param {Partial<Order>} change */
export function ask(change) {
  order.value = { ...order.peek(), ...change };
  fault.value = null;
}

export const chosenStrategy = () => strategies.value.find((one) => one.name === order.value.strategy);

/** @param {string} text a comma may stand for the point */
const number = (text) => text.trim().replace(',', '.');

export async function run() {
  if (running.peek() !== null) return;
  running.value = Date.now();
  fault.value = null;
  try {
    report.value = await send('POST', 'backtests/', await bodyOf(order.peek()), PATIENCE_MS);
  } catch (error) {
    const field = error instanceof ApiError ? (error.body?.field ?? null) : null;
    fault.value = { field, text: error instanceof Error ? error.message : String(error) };
  } finally {
    running.value = null;
  }
}

/** @param {Order} asked */
async function bodyOf({ strategy, pair, interval: name, days, fee_pct, slippage_bp, parameters }) {
  const known = strategies.peek().find((one) => one.name === strategy)?.parameters.map((one) => one.name) ?? [];
  const given = Object.entries(parameters).filter(([key, value]) => known.includes(key) && value.trim() !== '');
  const start = days ? new Date((await newestTime(pair)) * 1000 - Number(number(days)) * DAY_MS).toISOString() : null;
  return {
    strategy,
    pair: pairInUrl(pair),
    interval: name,
    parameters: Object.fromEntries(given.map(([key, value]) => [key, Number(number(value))])),
    fee_pct: number(fee_pct),
    slippage_bp: number(slippage_bp),
    ...(start && { start }),
  };
}
