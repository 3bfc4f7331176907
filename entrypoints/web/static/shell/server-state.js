// Which server this is: whose data it shows, in which profile.
import { computed, signal } from '../vendor/signals/signals.js';
import { get } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { collected } from '../market/feeds-state.js';
import { configure } from '../market/pairs.js';

export const server = signal(/** @type {Config | null} */ (null));

/** Reloads the page in its new version, where there is one; null: this is the newest. */
export const newVersion = signal(/** @type {(() => void) | null} */ (null));

/** Whose data is shown; null until known. The path it came by (snapshot, backfill) does not matter here. */
export const origin = computed(() => {
  const found = server.value?.origin;
  if (!found) return null;
  return found === 'simulated' || found === 'recording' ? found : 'live';
});

export const configRemote = new Remote(
  () => get('config/crypto/'),
  (config) => {
    server.value = config;
    configure(config.pairs, config.intervals ?? []);
    collected.value = new Set([...config.pairs, ...config.feeds.map((/** @type {{name: string}} */ feed) => feed.name)]);
  },
);
