// Alerts and what can be done about them. The server decides; the page shows what it answered.
import { computed, signal } from '../vendor/signals-core/signals-core.js';
import { words } from '../format/language.js';
import { get, send } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { say } from '../shell/live-region.js';

/** @typedef {'acknowledge' | 'silence' | 'resolve'} Command */

const MOST = 200;
const SILENCE_MINUTES = 60;

export const alerts = signal(/** @type {readonly Alert[]} */ ([]));
export const rules = signal(/** @type {ReadonlyMap<string, AlertRule>} */ (new Map()));
/** Alerts with a command under way. */
export const busy = signal(/** @type {ReadonlySet<string>} */ (new Set()));
/** Why the last command on an alert failed. */
export const failures = signal(/** @type {ReadonlyMap<string, string>} */ (new Map()));

export const raised = computed(() => alerts.value.filter((alert) => alert.status === 'raised'));

/** Raised ones first, then those in hand, then what is over; newest first in each. */
const RANK = { raised: 0, acknowledged: 1, silenced: 1, resolved: 2 };

/** @param {Alert[]} rows @returns {Alert[]} those never seen before */
export function takeAlerts(rows) {
  const byId = new Map(alerts.peek().map((row) => [row.id, row]));
  const fresh = rows.filter((row) => !byId.has(row.id));
  for (const row of rows) byId.set(row.id, row);
  const order = (/** @type {Alert} */ a, /** @type {Alert} */ b) =>
    RANK[a.status] - RANK[b.status] || Date.parse(b.timestamp) - Date.parse(a.timestamp);
  alerts.value = [...byId.values()].sort(order).slice(0, MOST);
  return fresh;
}

export const alertsRemote = new Remote(
  () => get('alerts/', { limit: 100 }),
  (page) => takeAlerts(page.items),
);

export const rulesRemote = new Remote(
  () => get('alert-rules/', { limit: 1000 }),
  (page) => (rules.value = new Map(page.items.map((/** @type {AlertRule} */ rule) => [rule.id, rule]))),
);

/** One after the other; the first that fails is the last that is tried. */
export async function acknowledgeAll() {
  for (const alert of raised.peek()) {
    await act(alert, 'acknowledge');
    if (failures.peek().has(alert.id)) return;
  }
}

/** @param {Alert} alert @param {Command} command */
export async function act(alert, command) {
  if (busy.peek().has(alert.id)) return;
  busy.value = new Set(busy.peek()).add(alert.id);
  const failed = new Map(failures.peek());
  failed.delete(alert.id);
  try {
    const body = command === 'silence' ? { minutes: SILENCE_MINUTES } : undefined;
    const row = await send('POST', `alerts/${encodeURIComponent(alert.id)}/${command}`, body);
    if (row?.id === alert.id && row.status) takeAlerts([row]);
    else void alertsRemote.load();
    say(words.peek().alertDone[command](alert.pair));
  } catch (error) {
    failed.set(alert.id, error instanceof Error ? error.message : String(error));
  } finally {
    failures.value = failed;
    const left = new Set(busy.peek());
    left.delete(alert.id);
    busy.value = left;
  }
}
