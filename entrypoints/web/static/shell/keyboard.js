// The page's keys. Off while typing, with a dialog open, and when the reader turned them off.
import { commands } from '../alerting/alerts-state.js';
import { tableShown, toggleComparing } from '../chart/toolbar.js';
import { comparing, interval, intervals, selected } from '../market/pairs.js';
import { listed } from '../market/watch-state.js';
import { dialog, drawer } from './layout-state.js';
import { wanted } from './on-demand.js';
import { shortcuts } from './settings.js';
import { toggleTheme } from './theme.js';

/** @typedef {import('../chart/chart.js').Chart} Chart */

/** @param {number} by */
function movePair(by) {
  const list = listed.peek();
  const at = list.indexOf(selected.peek());
  const next = list[(at + by + list.length) % list.length];
  if (next) selected.value = next;
}

/** @type {Record<string, () => void>} */
const KEYS = {
  j: () => movePair(1),
  k: () => movePair(-1),
  t: () => (tableShown.value = !tableShown.value),
  c: toggleComparing,
  a: () => void commands().then((found) => found?.acknowledgeNext()),
  d: toggleTheme,
  '/': () => (dialog.value = 'search'),
  ',': () => (dialog.value = 'settings'),
  '?': () => (dialog.value = 'help'),
};

const TIME_KEYS = ['[', ']', 'l', ' '];
/** Space belongs to these. */
const PRESSED_OR_SCROLLED = 'button, a, summary, input:not([type=range]), [tabindex="0"]:not(.chart-host)';

/** These belong to what is in focus: they are ours on the page itself, chart and watchlist. */
const SCROLLING = /^(Arrow|Home|End)/;
/** Held down, these go on and on; any other means its first press alone, as each costs the server something. */
const HELD = /^(ArrowLeft|ArrowRight|[-+=\u2212[\]])$/;

function arrowsAreOurs() {
  const focused = document.activeElement;
  return !focused || focused === document.body || focused.closest('cv-chart, cv-watchlist') !== null;
}

/** @param {KeyboardEvent} event @returns {boolean} whether it meant something */
function press(event) {
  const { key } = event;
  const step = /^[1-6]$/.test(key) ? intervals.peek()[Number(key) - 1] : undefined;
  if (step) {
    interval.value = step;
    return true;
  }
  if (TIME_KEYS.includes(key) && (key !== ' ' || !document.activeElement?.closest(PRESSED_OR_SCROLLED))) {
    void wanted(import('../time-machine/travel.js')).then((travel) => travel?.press(key));
    return true;
  }
  const action = KEYS[key];
  if (action) {
    action();
    return true;
  }
  if (SCROLLING.test(key) && !arrowsAreOurs()) return false;
  if (key === 'ArrowDown' || key === 'ArrowUp') {
    movePair(key === 'ArrowDown' ? 1 : -1);
    return true;
  }
  if (tableShown.peek() || comparing.peek()) return false; // the chart is covered
  return /** @type {Chart | null} */ (document.querySelector('cv-chart'))?.key(event) ?? false;
}

/** One thing for each press, the uppermost first; dialogs and menus are closed by the browser. */
function closeUppermost() {
  if (document.querySelector('dialog[open], :popover-open')) return;
  if (drawer.peek()) drawer.value = null;
  else if (tableShown.peek()) tableShown.value = false;
  else comparing.value = null;
}

/** Whether the last press meant something: then a key that stays down means nothing else. */
let taken = false;

/** @param {KeyboardEvent} event */
export function hear(event) {
  if (!event.repeat) taken = false;
  if (event.key === 'Escape') {
    if (!event.repeat) closeUppermost();
    return;
  }
  const target = event.target instanceof Element ? event.target : null;
  const typing = target?.closest('input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]');
  // AltGr, by which many keyboards write [ and ], comes with both.
  const commanding = event.metaKey || ((event.ctrlKey || event.altKey) && !event.getModifierState('AltGraph'));
  if (!shortcuts.peek() || typing || commanding || dialog.peek() || document.querySelector('dialog[open]')) return; // a dialog may be on its way
  if (!event.repeat || HELD.test(event.key)) taken = press(event);
  if (taken) event.preventDefault();
}
