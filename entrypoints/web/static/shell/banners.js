// <cv-banners>: what is wrong with the numbers, in words: the connection, the market's feeds, the server.
import { html, nothing } from '../vendor/lit/lit.js';
import { words } from '../format/language.js';
import { clock, until } from '../format/time.js';
import { dotted, namesOf, nextTry } from '../market/feed-words.js';
import { components, feeds, marketFeeds, marketTroubles } from '../market/feeds-state.js';
import { notFollowed } from '../market/pairs.js';
import { stream } from '../stream/live.js';
import { asOf } from '../time-machine/clock.js';
import { unfetched } from './on-demand.js';
import { configRemote, newVersion } from './server-state.js';
import { because, english, reasonOf } from './trouble.js';
import { View } from './view.js';

class Banners extends View {
  view() {
    // While the server is away nothing else is known to be true.
    const known = stream.link.value.lost ? [this.#connection()] : [this.#config(), this.#market(), this.#source(), this.#refusal(), said(unfetched.value && words.value.unfetched), said(notFollowed.value && words.value.notFollowed(notFollowed.value))];
    const banners = [this.#version(), ...known].flat();
    if (banners.every((one) => one === nothing)) return nothing;
    return html`<section aria-label=${words.value.notices}>${banners}</section>`;
  }

  #version() {
    const w = words.value;
    const reload = newVersion.value;
    return reload ? banner('plain', w.newVersion, html`<button class="button" @click=${reload}>${w.reload}</button>`) : nothing;
  }

  #connection() {
    const w = words.value;
    const link = stream.link.value;
    const heard = asOf.value ?? stream.heardAt;
    const what = [navigator.onLine ? w.connectionLost : w.noNetwork, heard ? w.pricesOf(clock(heard)) : ''];
    const waits = link.phase === 'waiting';
    const text = [...what, waits ? w.reconnectingIn(until(link.retryAt)) : w.reconnecting].filter(Boolean).join(' ');
    return banner('warn', text, waits ? html`<button class="button" @click=${() => stream.retry()}>${w.retry}</button>` : nothing);
  }

  #config() {
    const w = words.value;
    const state = configRemote.state.value;
    if (state.phase !== 'failed') return nothing;
    const text = dotted([reasonOf(state), w.nextTryIn(until(state.retryAt))]);
    return banner('danger', text, html`<button class="button" @click=${() => configRemote.load()}>${w.retry}</button>`);
  }

  #market() {
    const w = words.value;
    return marketTroubles.value.map(({ feeds: down, reason, nextTryAt }) => {
      const all = down.length === marketFeeds.value.length;
      const names = namesOf(down);
      const last = Math.max(...down.map((feed) => Date.parse(feed.last_message_at ?? '') || 0));
      const parts = [because(all ? w.marketDown : w.pairsDown(names, null), reason), nextTry(nextTryAt), last ? w.pricesOf(clock(last)) : ''];
      return banner('danger', dotted(parts));
    });
  }

  /** The simulator stands in: the feeds are well, the health says what is not. */
  #source() {
    const source = components.value['kraken'];
    if (!source?.detail || source.status === 'ok' || marketTroubles.value.length || !feeds.value.size) return nothing;
    return banner('warn', english(source.detail));
  }

  #refusal() {
    const detail = stream.refusal.value;
    return detail === null ? nothing : banner('warn', because(words.value.streamRefused, detail));
  }
}

/** @param {string | false} text */
const said = (text) => (text ? banner('warn', text) : nothing);

/** @param {'plain' | 'warn' | 'danger'} kind @param {unknown} text @param {unknown} [action] */
const banner = (kind, text, action = nothing) => html`<div class="banner ${kind}"><p>${text}</p>${action}</div>`;

customElements.define('cv-banners', Banners);
