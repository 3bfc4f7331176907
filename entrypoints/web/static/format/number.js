// Decimal strings as people read them. Intl formats the string itself, so no digit passes through a float.
import { locale } from './language.js';

const MINUS = '\u2212';

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/** @param {Intl.NumberFormatOptions} options */
function format(options) {
  const key = locale.value + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.NumberFormat(locale.value, options)));
  return found;
}

/** @param {Intl.NumberFormatOptions} options @param {string | number} value */
function write(options, value) {
  const text = format(options).format(/** @type {Intl.StringNumericLiteral} */ (value));
  return text.replace('-', MINUS);
}

/** How many digits stand behind the point of a plain decimal. @param {string} text */
export function decimals(text) {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

/** With exactly so many decimals. @param {string | number} value @param {number} digits */
export function decimal(value, digits) {
  return write({ minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'negative' }, value); // no −0.00
}

const SIGNIFICANT = 4;
const MOST_DECIMALS = 18; // of all numbers that we keep

/** How many digits stand before the point, and how many zeros lead behind it. @param {string} value */
function parts(value) {
  const whole = value.replace(/^-|\..*$/g, '').replace(/^0+/, '').length;
  return { whole, leading: whole ? 0 : (/^-?0?\.(0*)/.exec(value)?.[1]?.length ?? 0) };
}

/** How many decimals a value needs for 4 significant digits, or for all that it has. @param {string} value */
export function needed(value) {
  const { whole, leading } = parts(value);
  const digits = whole ? Math.max(0, SIGNIFICANT - whole) : leading + SIGNIFICANT;
  return Math.min(digits, decimals(value), MOST_DECIMALS);
}

/** A price: with so many decimals, or as many more as 4 significant digits need. @param {string} value @param {number} digits */
export function priced(value, digits) {
  return decimal(value, Math.max(digits, needed(value)));
}

/** A quantity, 4 significant digits at least where it has them: 0.0049, 17.62, 12,400. @param {string} value */
export function quantity(value) {
  const { whole, leading } = parts(value);
  const digits = Math.min(whole ? Math.max(0, SIGNIFICANT - whole) : SIGNIFICANT + Math.max(0, leading - 2), 10);
  return priced(value, digits);
}

/** Short: 2.413K. @param {string | number} value */
export function compact(value) {
  return write({ notation: 'compact', maximumSignificantDigits: 4 }, value);
}

/** A count: 2,671. @param {number} value */
export function count(value) {
  return write({ maximumFractionDigits: 0 }, value);
}

/** A change in percent, with its sign: +1.84. The unit is in the words. @param {string} value */
export function signed(value) {
  return write({ minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: 'exceptZero' }, value);
}

/** A share 0..1 in percent, rounded down: what is not complete never reads 100. @param {number} share */
export function share(share) {
  const percent = Math.floor(share * 1000 + 1e-9) / 10; // 0.57 * 1000 is 569.9…
  return write({ maximumFractionDigits: 1 }, percent);
}

/** Whether a decimal string rises, falls or stays. @param {string | null | undefined} value @returns {-1 | 0 | 1} */
export function direction(value) {
  if (!value || !/[1-9]/.test(value)) return 0;
  return value.startsWith('-') ? -1 : 1;
}
