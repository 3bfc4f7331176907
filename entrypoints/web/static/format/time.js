// Times in the reader's zone or in UTC. What comes in is RFC 3339 in UTC.
import { computed, signal } from '../vendor/signals/signals.js';
import { zone } from '../shell/settings.js';
import { asOf } from '../time-machine/clock.js';
import { locale, words } from './language.js';

/** Milliseconds since 1970, each second while the page is seen: what ages are counted from. */
export const now = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);

const LOCAL = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone's name for Intl. */
export const zoneName = computed(() => (zone.value === 'utc' ? 'UTC' : LOCAL));

/** How the zone is called on the page: Paris, UTC. */
export const zoneLabel = computed(() => zoneName.value.split('/').pop()?.replaceAll('_', ' ') ?? 'UTC');

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {Intl.DateTimeFormatOptions} options @param {string | number} time */
function write(options, time) {
  const key = locale.value + zoneName.value + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale.value, { ...options, timeZone: zoneName.value, hourCycle: 'h23' });
    formats.set(key, found);
  }
  return found.format(typeof time === 'number' ? time : Date.parse(time));
}

const HOURS = /** @type {const} */ ({ hour: '2-digit', minute: '2-digit' });
const DAY = /** @type {const} */ ({ day: 'numeric', month: 'short' });

/** 15:30:41 @param {string | number} time */
export const clock = (time) => write({ ...HOURS, second: '2-digit' }, time);
/** 15:30 @param {string | number} time */
export const hours = (time) => write(HOURS, time);
/** 22 Nov @param {string | number} time */
export const day = (time) => write(DAY, time);
/** 2026 @param {string | number} time */
export const year = (time) => write({ year: 'numeric' }, time);
/** Nov @param {string | number} time */
export const month = (time) => write({ month: 'short' }, time);
/** Sun, 22 Nov 2026, 15:30:41 @param {string | number} time */
export const full = (time) =>
  write({ weekday: 'short', ...DAY, year: 'numeric', ...HOURS, second: '2-digit' }, time);

/** 15:30:41 today, 22 Nov 15:30 on another day. @param {string} time */
export function moment(time) {
  return day(time) === day(asOf.value ?? now.value) ? clock(time) : `${day(time)} ${hours(time)}`;
}

/** Milliseconds the zone is ahead of UTC at a time. @param {number} ms */
export function zoneOffset(ms) {
  if (zoneName.value === 'UTC') return 0;
  return -new Date(ms).getTimezoneOffset() * 60_000; // the only other zone is the browser's own
}

/** How long before the time that is shown, in words: 41 s, 4 min, 2 h, 3 d. @param {string} time */
export function age(time) {
  return span(Math.max(0, ((asOf.value ?? now.value) - Date.parse(time)) / 1000));
}

/** How long until then, in words; never less than nothing. @param {number} ms */
export const until = (ms) => span(Math.ceil(Math.max(0, ms - now.value) / 1000));

/** A length of time in words. @param {number} seconds */
export function span(seconds) {
  const w = words.value;
  if (seconds < 60) return w.seconds(Math.floor(seconds));
  if (seconds < 3600) return w.minutes(Math.floor(seconds / 60));
  if (seconds < 86_400) return w.hours(Math.floor(seconds / 3600));
  return w.days(Math.floor(seconds / 86_400));
}
