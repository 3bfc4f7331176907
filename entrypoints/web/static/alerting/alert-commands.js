// What is done about alerts. The server decides; the page shows what it answered, and where the focus was it stays.
import { words } from '../format/language.js';
import { say } from '../shell/live-region.js';
import { send } from '../stream/api.js';
import { alerts, alertsRemote, busy, failures, raised, takeAlerts } from './alerts-state.js';

/** What an alert is after a command. */
const DONE = /** @type {const} */ ({ acknowledge: 'acknowledged', silence: 'silenced', resolve: 'resolved' });

/** @typedef {'acknowledge' | 'silence' | 'resolve'} Command */

const SILENCE_MINUTES = 60;

/** The button that was pressed may be gone afterwards: then its alert has the focus. @param {Alert} alert @param {Command} command */
export async function act(alert, command) {
  const item = () => document.getElementById(`alert-${alert.id}`);
  const inside = item()?.contains(document.activeElement);
  await give(alert, command);
  const left = item() ?? document.querySelector('cv-alerts .scroll'); // it stands below those that are open now
  if (inside && document.activeElement === document.body && left instanceof HTMLElement) left.focus({ preventScroll: true });
}

/** The alert in focus, else the newest one that nobody has taken. */
export function acknowledgeNext() {
  const id = document.activeElement?.closest('[data-alert]')?.getAttribute('data-alert');
  const alert = alerts.peek().find((one) => one.id === id && one.status === 'raised') ?? raised.peek()[0];
  if (alert) void act(alert, 'acknowledge');
}

/** One after the other; the first that fails is the last that is tried. Then the list has the focus. @param {HTMLElement} button */
export async function acknowledgeAll(button) {
  const list = /** @type {HTMLElement | null} */ (button.closest('.scroll'));
  for (const alert of raised.peek()) {
    await give(alert, 'acknowledge');
    if (failures.peek().has(alert.id)) break;
  }
  if (document.activeElement === document.body) (button.isConnected ? button : list)?.focus();
}

/** @param {Alert} alert @param {Command} command */
async function give(alert, command) {
  if (busy.peek().has(alert.id)) return;
  busy.value = new Set(busy.peek()).add(alert.id);
  const failed = new Map(failures.peek());
  failed.delete(alert.id);
  try {
    const body = command === 'silence' ? { minutes: SILENCE_MINUTES } : undefined;
    const row = await send('POST', `alerts/${encodeURIComponent(alert.id)}/${command}`, body);
    if (row?.id === alert.id && row.status) takeAlerts([row]);
    else void alertsRemote.load();
    const w = words.peek();
    say(w.actOn(w.alertStatus[DONE[command]], alert.pair));
  } catch (error) {
    failed.set(alert.id, error instanceof Error ? error.message : String(error));
  } finally {
    failures.value = failed;
    const left = new Set(busy.peek());
    left.delete(alert.id);
    busy.value = left;
  }
}
