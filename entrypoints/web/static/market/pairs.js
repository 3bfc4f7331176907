// Which pair and interval the page is about. They stand in the address, so a link opens the same view.
import { effect, signal } from '../vendor/signals-core/signals-core.js';

/** Seconds of each interval, in the order of the keys 1 to 6. */
export const STEPS = /** @type {Record<string, number>} */ ({
  '1m': 60,
  '5m': 300,
  '15m': 900,
  '1h': 3600,
  '4h': 14_400,
  '1d': 86_400,
});

/** @type {Record<string, string>} */
const NAMES = {
  BTC: 'Bitcoin',
  ETH: 'Ethereum',
  SOL: 'Solana',
  ADA: 'Cardano',
  XRP: 'XRP Ledger',
  DOGE: 'Dogecoin',
  DOT: 'Polkadot',
  LINK: 'Chainlink',
  LTC: 'Litecoin',
};

/** @param {string} pair */
export const baseOf = (pair) => pair.split('/')[0] ?? pair;
/** @param {string} pair */
export const quoteOf = (pair) => pair.split('/')[1] ?? '';
/** The coin's full name, empty when we know none. @param {string} pair */
export const nameOf = (pair) => NAMES[baseOf(pair)] ?? '';

const [pairAsked, intervalAsked] = location.hash.slice(1).split('/');

/** The configured pairs; empty until they are known. */
export const pairs = signal(/** @type {string[]} */ ([]));
export const intervals = signal(Object.keys(STEPS));
export const selected = signal(/^[A-Z0-9]+-[A-Z0-9]+$/.test(pairAsked ?? '') ? String(pairAsked).replace('-', '/') : 'BTC/USD');
export const interval = signal(intervalAsked && intervalAsked in STEPS ? intervalAsked : '5m');

effect(() => {
  const address = `#${selected.value.replace('/', '-')}/${interval.value}`;
  if (location.hash !== address) history.replaceState(null, '', address);
});

/** Take in what the server is configured for. @param {string[]} known @param {string[]} steps */
export function configure(known, steps) {
  pairs.value = known;
  const usable = steps.filter((step) => step in STEPS);
  if (usable.length) intervals.value = usable;
  if (!known.includes(selected.peek()) && known[0]) selected.value = known[0];
  if (!intervals.peek().includes(interval.peek())) interval.value = intervals.peek()[0] ?? '5m';
}
