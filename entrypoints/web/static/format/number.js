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

/** A quantity, 4 significant digits at least: 0.0049, 17.62, 12,400. @param {string} value */
export function quantity(value) {
  const whole = value.replace(/^-|\..*$/g, '').replace(/^0+/, '').length;
  const leading = whole ? 0 : (/^-?0?\.(0*)/.exec(value)?.[1]?.length ?? 0);
  const digits = Math.min(whole ? Math.max(0, 4 - whole) : 4 + Math.max(0, leading - 2), 10);
  return decimal(value, digits);
}

/** Short: 2.41K. @param {string | number} value */
export function compact(value) {
  return write({ notation: 'compact', maximumSignificantDigits: 3 }, value);
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
