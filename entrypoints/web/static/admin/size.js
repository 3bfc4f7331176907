// Sizes of what is stored: 24.6 kB, 7.84 MB; in French 24,6 ko.
import { locale } from '../format/language.js';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/** In powers of 1000, as disks are sold. @param {number} bytes */
export function size(bytes) {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  // In English, unlike "kB", the short word for one of them has no plural.
  const unitDisplay = power ? 'short' : 'long';
  const format = new Intl.NumberFormat(locale.value, { style: 'unit', unit: UNITS[power], unitDisplay, maximumSignificantDigits: 3 });
  return format.format(bytes / 1000 ** power);
}
