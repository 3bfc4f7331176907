// Alerts, by what is to be done about them.
import { computed, signal } from '../vendor/signals/signals.js';
import { get } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { wanted } from '../shell/on-demand.js';

const MOST = 200;

export const alerts = signal(/** @type {readonly Alert[]} */ ([]));
export const rules = signal(/** @type {ReadonlyMap<string, AlertRule>} */ (new Map()));
/** Alerts with a command under way. */
export const busy = signal(/** @type {ReadonlySet<string>} */ (new Set()));
/** Why the last command on an alert failed. */
export const failures = signal(/** @type {ReadonlyMap<string, string>} */ (new Map()));

/** How many of them the list shows. */
export const inList = signal(30);

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

/** What can be done about an alert, once it has come. */
export const commands = () => wanted(import('./alert-commands.js'));
