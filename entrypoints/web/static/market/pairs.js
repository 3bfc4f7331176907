// Which pair and interval the page is about. They stand in the address, so a link opens the same view.
import { computed, effect, signal } from '../vendor/signals/signals.js';

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

/** What the address named when the page was opened. */
export const askedFor = location.hash;
const [typed, intervalAsked, othersAsked, wayAsked] = location.hash.slice(1).split('/');
const SLUG = /^[A-Z0-9.]+-[A-Z0-9.]+$/i;
const isPair = SLUG.test(typed ?? '');

/** A part in small letters alone was typed in haste; mixed letters (AAPLx) are the venue's. @param {string} slug */
const asNamed = (slug) => slug.split('-').map((part) => (part === part.toLowerCase() ? part.toUpperCase() : part)).join('/');
/** The known pair that is meant, whatever its case; what is not known stays as it is. @param {string} pair @param {string[]} known */
const spelled = (pair, known) => (known.includes(pair) ? pair : (known.find((one) => one.toLowerCase() === pair.toLowerCase()) ?? pair));

/** The configured pairs; empty until they are known. */
export const pairs = signal(/** @type {string[]} */ ([]));
export const intervals = signal(Object.keys(STEPS));
export const selected = signal(isPair ? asNamed(typed ?? '') : 'BTC/USD');
export const interval = signal(intervalAsked && intervalAsked in STEPS ? intervalAsked : '5m');

/** What was to be shown, and is not followed here. */
export const notFollowed = signal('');

/** How the selected pair is compared with others; null: it is not. */
export const comparing = signal(/** @type {'percent' | 'side' | null} */ (wayAsked === 'percent' || wayAsked === 'side' ? wayAsked : null));
/** The pairs that it is compared with, three at most. */
export const others = signal((othersAsked ?? '').split(',').filter((slug) => SLUG.test(slug)).slice(0, 3).map(asNamed));

/** Where a link to what is shown leads. */
export const address = computed(() => {
  const slug = (/** @type {string} */ pair) => pair.replace('/', '-');
  const compared = comparing.value ? `/${others.value.map(slug).join(',')}/${comparing.value}` : '';
  return `#${slug(selected.value)}/${interval.value}${compared}`;
});
effect(() => {
  if (location.hash !== address.value) history.replaceState(null, '', address.value);
});

effect(() => {
  if (selected.value !== pairs.peek()[0]) notFollowed.value = '';
});

/** Take in what the server is configured for. @param {string[]} known @param {string[]} steps */
export function configure(known, steps) {
  const asked = isPair || pairs.peek().length;
  const before = spelled(selected.peek(), known);
  pairs.value = known;
  selected.value = before;
  others.value = others.peek().map((pair) => spelled(pair, known));
  const usable = steps.filter((step) => step in STEPS);
  if (usable.length) intervals.value = usable;
  if (!known.includes(before) && known[0]) {
    selected.value = known[0];
    if (asked) notFollowed.value = before;
  }
  if (others.peek().some((pair) => !known.includes(pair))) others.value = others.peek().filter((pair) => known.includes(pair));
  if (!intervals.peek().includes(interval.peek())) interval.value = intervals.peek()[0] ?? '5m';
}
