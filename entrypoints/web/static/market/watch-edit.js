// Takes a pair into the watchlist, or out of it.
import { pairInUrl, send } from '../stream/api.js';
import { watchError, watched, watchRemote } from './watch-state.js';

/** @param {string} pair */
export async function toggleWatched(pair) {
  try {
    if (watched.peek().includes(pair)) await send('DELETE', `watchlist/${pairInUrl(pair)}/`);
    else await send('POST', 'watchlist/', { pair: pairInUrl(pair) });
    watchError.value = null;
  } catch (error) {
    watchError.value = error instanceof Error ? error.message : String(error);
  }
  void watchRemote.load();
}
