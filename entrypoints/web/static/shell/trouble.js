// What a panel says while it has nothing to show: loading, empty, or failed with the reason, the next try and a button.
import { html } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';
import { until } from '../format/time.js';
import { link } from '../stream/link.js';
import { asOf } from '../time-machine/clock.js';

/** What the server says itself. @param {string} text */
export const english = (text) => html`<span lang="en">${text}</span>`;

/** "What: why". @param {string} what @param {string | null} why in the server's words */
export const because = (what, why) => (why ? html`${words.value.actOn(what, '')}${english(why)}` : what);

/** Why it failed: in the server's words, or in ours. @param {import('../stream/remote.js').Failure} state */
export const reasonOf = ({ reason, said }) => (said ? english(reason) : reason);

/**
 * @param {import('../stream/remote.js').Remote<any>} remote
 * @param {string} empty
 * @param {string} [then] the same of a time in the past
 */
export function trouble(remote, empty, then = empty) {
  const w = words.value;
  const state = remote.state.value;
  if (state.phase === 'failed' && !link.value.lost) // otherwise the banner says it, once
    return html`<div class="empty" role="status">
      <p>${reasonOf(state)} · ${w.nextTryIn(until(state.retryAt))}</p>
      <button class="button" @click=${() => remote.load()}>${w.retry}</button>
    </div>`;
  if (state.phase === 'ready') return html`<p class="empty">${asOf.value === null ? empty : then}</p>`;
  return html`<div class="skeleton" role="status"><span class="sr">${w.loading}</span></div>`;
}
