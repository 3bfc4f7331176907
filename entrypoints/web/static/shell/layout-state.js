// Which room is in sight where they do not all fit: a tab on the phone, a drawer on the tablet.
import { effect, signal } from '../vendor/signals/signals.js';

/** @typedef {'watchlist' | 'chart' | 'news' | 'alerts' | 'feeds'} Room */

export const room = signal(/** @type {Room} */ ('chart'));
export const drawer = signal(/** @type {'left' | 'right' | null} */ (null));
/** Whether a dialog of that name is open. */
export const dialog = signal(
  /** @type {'help' | 'feeds' | 'skill' | 'search' | 'settings' | 'rules' | 'backtest' | 'statistics' | null} */ (null),
);

/** @param {Room} name */
export function openView(name) {
  room.value = name;
  drawer.value = null;
}

effect(() => {
  document.body.dataset.room = room.value;
  scrollTo({ top: 0, behavior: 'instant' });
});

/** What had the focus before the drawer took it. @type {HTMLElement | null} */
let before = null;

effect(() => {
  const side = drawer.value;
  if (side) {
    before ??= /** @type {HTMLElement | null} */ (document.activeElement);
    document.body.dataset.drawer = side;
    document.querySelector(`#${side}`)?.querySelector('button')?.focus();
  } else {
    delete document.body.dataset.drawer;
    before?.focus();
    before = null;
  }
});

document.querySelector('#centre')?.addEventListener('pointerdown', () => (drawer.value = null));
