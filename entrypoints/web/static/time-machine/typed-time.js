// The value of a <input type="datetime-local">, in the zone that the page is set to.
import { zoneName, zoneOffset } from '../format/time.js';

/** How the field writes a time. @param {number} at in milliseconds since 1970 */
export const typed = (at) => new Date(at + zoneOffset(at)).toISOString().slice(0, 19);

/** Milliseconds since 1970, or what is wrong with it. @param {string} value as the field has it; empty when incomplete */
export function readTyped(value) {
  const at = Date.parse(zoneName.value === 'UTC' ? `${value}Z` : value); // without a zone it is the browser's own
  if (Number.isNaN(at)) return 'noSuchTime';
  if (at < 0) return 'tooEarly';
  return at > Date.now() ? 'notYet' : at;
}
