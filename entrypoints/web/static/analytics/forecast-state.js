// The selected pair's newest forecasts, why there are none, and how good each model's have been.
import { computed, effect, signal, untracked } from '../vendor/signals/signals.js';
import { selected } from '../market/pairs.js';
import { get, pairInUrl } from '../stream/api.js';
import { remotes, rooms, sessions, stream } from '../stream/live.js';
import { Remote } from '../stream/remote.js';

/** In seconds, as the server forecasts them. */
export const HORIZONS = [60, 300, 3600];
/** The model that expects no change. It is served where nothing beats it, and it tells the price at the time of issue. */
export const NAIVE = 'naive';
const EVERY_MS = 60_000;

/**
 * @typedef {object} Outlook  what is known of one horizon
 * @property {Prediction | null} row  the forecast that is shown
 * @property {string | null} from  the price when it was issued, where it is known
 * @property {string | null} missing  why there is no forecast now
 */

/** By horizon. */
export const outlooks = signal(/** @type {ReadonlyMap<number, Outlook>} */ (new Map()));
const skills = signal(/** @type {readonly Skill[]} */ ([]));

/** The record of the model that is shown, by horizon. */
export const records = computed(
  () => new Map(skills.value.flatMap((skill) => (outlooks.value.get(skill.horizon_s)?.row?.model === skill.model ? [[skill.horizon_s, skill]] : []))),
);

/** @param {string} pair as in addresses @param {number} horizon_s @returns {Promise<Outlook>} */
async function ask(pair, horizon_s) {
  const { items, missing } = await get('predictions/', { pair, horizon_s, limit: 1 });
  const row = /** @type {Prediction | undefined} */ (items[0]) ?? null;
  let from = row;
  if (row && row.model !== NAIVE) {
    const page = await get('predictions/', { pair, horizon_s, model: NAIVE, limit: 1 });
    from = page.items[0]?.target_at === row.target_at ? page.items[0] : null;
  }
  return { row, from: from?.price ?? null, missing: missing[0]?.reason ?? null };
}

export const forecastsRemote = new Remote(
  async () => {
    const pair = pairInUrl(selected.peek());
    const [page, ...found] = await Promise.all([get('predictions/skill/', { pair }), ...HORIZONS.map((horizon) => ask(pair, horizon))]);
    return { page, found };
  },
  ({ page, found }) => {
    skills.value = page.items;
    const next = new Map();
    HORIZONS.forEach((horizon, index) => {
      const [before, after] = [outlooks.peek().get(horizon), found[index]];
      next.set(horizon, before && isNewer(before.row, after?.row) ? before : after); // the stream was quicker
    });
    outlooks.value = next;
  },
);
setInterval(() => {
  if (!document.hidden && forecastsRemote.state.peek().phase === 'ready') void forecastsRemote.load();
}, EVERY_MS);

/** @param {Prediction | null | undefined} a @param {Prediction | null | undefined} b */
const isNewer = (a, b) => Boolean(a && (!b || Date.parse(a.issued_at) > Date.parse(b.issued_at)));

/** @param {Prediction[]} rows */
function takeForecasts(rows) {
  const next = new Map(outlooks.peek());
  let unknown = false;
  for (const row of rows) {
    if (row.pair !== selected.peek() || !isNewer(row, next.get(row.horizon_s)?.row)) continue;
    const naive = row.model === NAIVE;
    next.set(row.horizon_s, { row, from: naive ? row.price : null, missing: null });
    unknown ||= !naive;
  }
  outlooks.value = next;
  if (unknown) void forecastsRemote.load(); // what the price was when it was issued
}

/** Begin anew for the selected pair. */
function showForecasts() {
  outlooks.value = new Map();
  skills.value = [];
  void forecastsRemote.load({ anew: true });
}

rooms.predictions = takeForecasts;
remotes.predictions = forecastsRemote;
effect(() => {
  void sessions.value;
  stream.subscribe('predictions', [pairInUrl(selected.value)]);
  untracked(showForecasts);
});
