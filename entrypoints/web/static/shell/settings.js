// What the reader chose, kept in localStorage; a browser that refuses storage keeps it for the visit.
import { effect, signal } from '../vendor/signals/signals.js';

const PREFIX = 'cryptoviz.';

/** @param {string} key @returns {unknown} */
function read(key) {
  try {
    const text = localStorage.getItem(PREFIX + key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined; // storage is forbidden here, or holds what we did not write
  }
}

/**
 * A signal that outlives the visit. What is stored counts only while it is one of `allowed`.
 * @template {string | boolean} T
 * @param {string} key @param {T} fallback @param {readonly T[]} allowed
 */
function stored(key, fallback, allowed) {
  const found = read(key);
  const value = signal(/** @type {T} */ (allowed.find((one) => one === found) ?? fallback));
  let first = true;
  effect(() => {
    const text = JSON.stringify(value.value);
    if (first) first = false;
    else
      try {
        localStorage.setItem(PREFIX + key, text);
      } catch {
        // as above: it holds for the visit
      }
  });
  return value;
}

const ON_OFF = [true, false];

export const theme = stored('theme', /** @type {'auto' | 'dark' | 'light'} */ ('auto'), ['auto', 'dark', 'light']);
/** How ups and downs are coloured: for all eyes, or as markets in the west or in the east have it. */
export const colours = stored('colours', /** @type {'safe' | 'classic' | 'red-up'} */ ('safe'), ['safe', 'classic', 'red-up']);
export const language = stored('language', /** @type {'auto' | 'en' | 'fr'} */ ('auto'), ['auto', 'en', 'fr']);
export const zone = stored('zone', /** @type {'local' | 'utc'} */ ('local'), ['local', 'utc']);
/** Whether somebody is signed in here, as far as is known: who never was, is not asked for. */
export const signedIn = stored('signed-in', false, ON_OFF);
export const shortcuts = stored('shortcuts', true, ON_OFF);
export const sortBy = stored('sort', /** @type {'given' | 'change'} */ ('given'), ['given', 'change']);
export const newsOf = stored('news', /** @type {'all' | 'pair'} */ ('all'), ['all', 'pair']);
export const overlays = {
  news: stored('overlay.news', true, ON_OFF),
  alerts: stored('overlay.alerts', true, ON_OFF),
  vwap: stored('overlay.vwap', true, ON_OFF),
  averages: stored('overlay.averages', false, ON_OFF),
  forecast: stored('overlay.forecast', true, ON_OFF),
  gaps: stored('overlay.gaps', true, ON_OFF),
  trades: stored('overlay.trades', false, ON_OFF),
};
