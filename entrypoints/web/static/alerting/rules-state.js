// Alert rules under the reader's hands: the kinds there are, the one that is written, and what it would have raised.
import { signal } from '../vendor/signals/signals.js';
import { newestTime } from '../market/candles.js';
import { selected } from '../market/pairs.js';
import { account, known } from '../shell/account.js';
import { ApiError, get, pairInUrl, send } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { rulesRemote } from './alerts-state.js';

/**
 * @typedef {object} RuleKind
 * @property {string} kind
 * @property {string} meaning
 * @property {{meaning: string, most: string, default: string | null} | null} threshold_pct
 * @property {{meaning: string, shortest: number, longest: number, one_of: number[] | null}} window_s
 *
 * @typedef {object} Draft  a rule as it stands in the form, numbers as they were typed
 * @property {string | null} id null: a new one
 * @property {string} name
 * @property {string} kind
 * @property {string} pair empty: any
 * @property {string} threshold_pct
 * @property {string} window_s
 * @property {boolean} enabled
 * @property {number | null} version of the rule that is changed; null: a new one
 * @property {string[]} notify
 *
 * @typedef {{field: string | null, text: string}} Fault  `field`: what it stands beside, as the API calls it
 * @typedef {{items: Alert[], count: number, known_from: string | null, start: number, end: number, pair: string, closes: Candle[]}} Preview  times in ms since 1970
 * @typedef {{id: string, name: string}} Channel
 */

const PREVIEW_BARS = 300;
const HOUR_MS = 3_600_000;

export const kinds = signal(/** @type {readonly RuleKind[]} */ ([]));
export const kindsRemote = new Remote(
  () => get('alert-rules/kinds/', { limit: 1000 }),
  (page) => (kinds.value = page.items),
);

/** Where alerts may be sent; empty for who may not see that. */
export const channels = signal(/** @type {readonly Channel[]} */ ([]));

export async function loadChannels() {
  await known;
  try {
    channels.value = account.peek() ? (await get('admin/channels/', { limit: 1000 })).items : [];
  } catch {
    channels.value = []; // rules can be written without them: what they tell stays as it is
  }
}

/** What is in the form; null: the list is shown. */
export const draft = signal(/** @type {Draft | null} */ (null));
export const fault = signal(/** @type {Fault | null} */ (null));
export const waiting = signal(false);
export const preview = signal(/** @type {Preview | null} */ (null));
/** Over how many hours before now a preview looks. */
export const previewHours = signal(24);

/** @param {AlertRule | null} rule null: begin a new one */
export function edit(rule) {
  preview.value = null;
  fault.value = null;
  conflict.value = null;
  draft.value = rule
    ? { ...rule, pair: rule.pair ?? '', threshold_pct: rule.threshold_pct, window_s: String(rule.window_s), notify: rule.notify ?? [] }
    : { id: null, name: '', kind: 'price-move', pair: selected.peek(), threshold_pct: '1', window_s: '300', enabled: true, version: null, notify: [] };
}

/** The rule as somebody else has left it, while another version of it stands in the form; null: nobody has. */
export const conflict = signal(/** @type {AlertRule | null} */ (null));

/** Go on from the rule as it is now: with its values, or with those in the form. @param {boolean} mine */
export function settle(mine) {
  const present = conflict.peek();
  const from = draft.peek();
  if (!present || !from) return;
  if (mine) write({ version: present.version });
  else edit(present);
}

/** Another value in the form; what was previewed was another rule. @param {Partial<Draft>} change */
export function write(change) {
  const before = draft.peek();
  if (!before) return;
  draft.value = { ...before, ...change };
  preview.value = null;
  fault.value = null;
  if (change.version) conflict.value = null;
}

/** @param {string} name */
export const kindNamed = (name) => kinds.value.find((one) => one.kind === name);

/** The body that the API expects. @param {Draft} from */
function bodyOf({ name, kind, pair, threshold_pct, window_s, notify }) {
  const has = kindNamed(kind)?.threshold_pct !== null;
  return {
    name,
    kind,
    pair: pair ? pairInUrl(pair) : null,
    window_s: Number(window_s),
    ...(has && threshold_pct !== '' && { threshold_pct: threshold_pct.replace(',', '.') }),
    ...(channels.peek().length && { notify }),
  };
}

/** Do it; what goes wrong is told beside its field. @param {(from: Draft) => Promise<void>} work */
async function attempt(work) {
  const from = draft.peek();
  if (!from || waiting.peek()) return;
  waiting.value = true;
  fault.value = null;
  try {
    await work(from);
  } catch (error) {
    const field = error instanceof ApiError ? (error.body?.field ?? null) : null;
    fault.value = { field, text: error instanceof Error ? error.message : String(error) };
  } finally {
    waiting.value = false;
  }
}

/** What the rule would have raised, and the price of the time it was looked for in. */
export const look = () =>
  attempt(async (from) => {
    const pair = from.pair || selected.peek();
    const end = Math.ceil(await newestTime(pair)) * 1000 + 1000;
    const start = end - previewHours.peek() * HOUR_MS;
    const span = { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
    const interval = previewHours.peek() > 24 ? '1h' : '5m';
    const [found, candles] = await Promise.all([
      send('POST', 'alert-rules/preview', { ...bodyOf(from), ...span }),
      get('candles/', { pair: pairInUrl(pair), interval, ...span, limit: PREVIEW_BARS }),
    ]);
    if (draft.peek() === from) preview.value = { ...found, start, end, pair, closes: candles.items };
  });

export const save = () =>
  attempt(async (from) => {
    if (from.id === null) await send('POST', 'alert-rules/', bodyOf(from));
    else {
      try {
        await send('PUT', `alert-rules/${encodeURIComponent(from.id)}/`, { ...bodyOf(from), enabled: from.enabled, version: from.version });
      } catch (error) {
        if (error instanceof ApiError && error.body?.present) conflict.value = error.body.present;
        throw error;
      }
    }
    draft.value = null;
    await rulesRemote.load();
  });

/** Why the last rule could not be switched, by its id. */
export const switchFaults = signal(/** @type {ReadonlyMap<string, string>} */ (new Map()));

/** Switch a rule on or off. @param {AlertRule} rule */
export async function toggle(rule) {
  const faults = new Map(switchFaults.peek());
  faults.delete(rule.id);
  try {
    await send('PATCH', `alert-rules/${encodeURIComponent(rule.id)}/`, { enabled: !rule.enabled, version: rule.version });
  } catch (error) {
    faults.set(rule.id, error instanceof Error ? error.message : String(error));
  }
  switchFaults.value = faults;
  await rulesRemote.load();
}
