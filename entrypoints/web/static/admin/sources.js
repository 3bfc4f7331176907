// <cv-admin-sources>: which pairs and news feeds are followed. A change takes effect without a restart.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { trouble } from '../shell/trouble.js';
import { ApiError, get, send } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { button, run } from './command.js';
import { AdminPage } from './page.js';
import { adminWords } from './words.js';

/** @typedef {{pairs: string[], feeds: {name: string, url: string}[], configured: string[], version: number}} Sources */

const saved = signal(/** @type {Sources | null} */ (null));
/** What is being edited; null: nothing is, and the page shows what holds. */
const draft = signal(/** @type {Sources | null} */ (null));
const pair = signal('');
const noPair = signal(false);
/** The form the server takes. */
const PAIR = /^[A-Za-z0-9][A-Za-z0-9.]{0,15}\/[A-Za-z0-9][A-Za-z0-9.]{0,15}$/;
const fault = signal(/** @type {{field: string | null, text: string} | null} */ (null));
const effect = signal('');
const busy = signal(false);

const remote = new Remote(() => get('admin/sources/'), (/** @type {Sources} */ found) => (saved.value = found));

/** @param {(sources: Sources) => Sources} how */
function edit(how) {
  const present = draft.peek() ?? saved.peek();
  if (!present) return;
  const next = how(structuredClone(present));
  draft.value = same(next) ? null : next;
  fault.value = null; // it was said of what stood there before
  effect.value = '';
}

/** Whether it is what holds already, in whatever order. @param {Sources} sources */
function same(sources) {
  const lines = (/** @type {Sources | null} */ of) => JSON.stringify([of?.pairs.toSorted(), of?.feeds.map(({ name, url }) => `${name} ${url}`).sort()]);
  return lines(sources) === lines(saved.peek());
}

function addPair() {
  // As market/pairs.js spells what stands in an address: that module would rewrite ours.
  const name = pair.peek().trim().split(/[-/]/).map((part) => (part === part.toLowerCase() ? part.toUpperCase() : part)).join('/');
  if (!name) return;
  noPair.value = !PAIR.test(name);
  if (noPair.peek()) return;
  edit((sources) => ({ ...sources, pairs: [...new Set([...sources.pairs, name])] }));
  pair.value = '';
}

/** Without the new rows, the simulator's own feeds stay. @param {number} index */
const removeFeed = (index) =>
  edit((sources) => {
    const left = sources.feeds.filter((_, at) => at !== index);
    return { ...sources, feeds: left.length ? left : ownFeeds() };
  });

/** What a save will do, in words; a row without a name says nothing yet. @param {Sources} before @param {Sources} after */
function changes(before, after) {
  const t = adminWords.value;
  const names = (/** @type {Sources} */ sources) => sources.feeds.filter((feed) => feed.name.trim()).map((feed) => `${feed.name} ${feed.url}`.trim());
  const without = (/** @type {string[]} */ all, /** @type {string[]} */ those) => all.filter((one) => !those.includes(one));
  return [
    ...without(after.pairs, before.pairs).map(t.willFollow),
    ...without(before.pairs, after.pairs).map(t.willLeave),
    ...without(names(after), names(before)).map(t.willRead),
    ...without(names(before), names(after)).map(t.willLeave),
  ];
}

/** @param {'pairs' | 'feeds'} what */
const asSettings = (what) =>
  run(`settings ${what}`, () => send('PUT', 'admin/sources/', { [what]: null, version: saved.peek()?.version }), {
    said: adminWords.peek().sourcesSaved,
    then: () => remote.load(),
  });

async function save() {
  const wanted = draft.peek();
  if (!wanted || busy.peek()) return;
  busy.value = true;
  fault.value = null;
  try {
    const after = await send('PUT', 'admin/sources/', { pairs: wanted.pairs, feeds: wanted.feeds, version: wanted.version }, 60_000);
    draft.value = null;
    effect.value = [adminWords.peek().sourcesSaved, ...(after?.warnings ?? [])].join(' ');
  } catch (error) {
    const field = error instanceof ApiError ? (error.body?.field ?? null) : null;
    fault.value = { field, text: error instanceof Error ? error.message : String(error) };
  } finally {
    busy.value = false;
    void remote.load();
  }
}

class SourcesPage extends AdminPage {
  fetched() {
    return [remote];
  }

  view() {
    const t = adminWords.value;
    const present = saved.value;
    if (!present) return trouble(remote, '');
    const shown = draft.value ?? present;
    const own = ownFeeds();
    const will = draft.value ? changes(present, draft.value) : [];
    return html`<div class="admin-form">
      <section aria-labelledby="pairs-title">
        <h3 id="pairs-title">${t.pairs}</h3>
        ${shown.pairs.length ? nothing : html`<p class="quiet">${t.noPairs}</p>`}
        <ul class="chips">${shown.pairs.map((name) => html`<li>${name} ${button({ name: t.remove, of: name, needs: 'admin', press: () => edit((sources) => ({ ...sources, pairs: sources.pairs.filter((one) => one !== name) })) })}</li>`)}</ul>
        <form class="inline-form" @submit=${(/** @type {Event} */ event) => (event.preventDefault(), addPair())}>
          <label class="inline-field">${t.newPair}<input class="filter" autocomplete="off" spellcheck="false" placeholder="ETH/USD" maxlength="33" aria-describedby="pair-fault" aria-invalid=${noPair.value ? 'true' : 'false'} .value=${pair.value} @input=${writePair} /></label>
          ${button({ name: t.add, needs: 'admin', press: addPair })}
          <p class="inline-error" id="pair-fault" role="alert">${noPair.value ? t.notAPair : nothing}</p>
        </form>
        ${back('pairs')}
      </section>
      <section aria-labelledby="feeds-title">
        <h3 id="feeds-title">${t.newsFeeds}</h3>
        <ul class="feed-edits">${shown.feeds.map((feed, index) => this.#feed(feed, index))}</ul>
        ${button({ name: t.addFeed, needs: 'admin', press: () => edit((sources) => ({ ...sources, feeds: [...sources.feeds.filter((one) => !isOwn(one)), { name: '', url: '' }] })) })}
        ${own.length ? html`<p class="quiet">${t.insteadOfOwn(own.map((feed) => feed.name).join(', '))}</p>` : nothing}
        ${back('feeds')}
      </section>
      ${fault.value ? html`<p class="inline-error" role="alert">${fault.value.text}</p>` : nothing}
      <div role="status">
        ${will.length ? html`<h3>${t.whatChanges}</h3><ul class="will">${will.map((line) => html`<li>${line}</li>`)}</ul>` : nothing}
        ${effect.value ? html`<p class="admin-note done">${effect.value}</p>` : nothing}
      </div>
      <div class="form-foot">
        ${button({ name: t.save, needs: 'admin', kind: 'primary', press: () => void save() })}
        ${draft.value ? html`<button class="button" type="button" @click=${() => ((draft.value = null), (fault.value = null))}>${t.discard}</button>` : html`<span class="quiet">${t.nothingChanged}</span>`}
      </div>
    </div>`;
  }

  /** @param {{name: string, url: string}} feed @param {number} index */
  #feed(feed, index) {
    const t = adminWords.value;
    const write = (/** @type {'name' | 'url'} */ key) => (/** @type {Event} */ event) => {
      const value = valueOf(event);
      edit((sources) => ({ ...sources, feeds: sources.feeds.map((one, at) => (at === index ? { ...one, [key]: value } : one)) }));
    };
    if (isOwn(feed)) return html`<li><b>${feed.name}</b> <span class="quiet">${t.ownFeed}</span></li>`;
    return html`<li>
      <label class="field">${t.name}<input aria-label="${t.name} ${index + 1}" autocomplete="off" .value=${feed.name} @input=${write('name')} /></label>
      <label class="field">${t.address}<input aria-label="${t.address} ${feed.name || index + 1}" type="url" autocomplete="off" .value=${feed.url} @input=${write('url')} /></label>
      ${button({ name: t.remove, of: feed.name || String(index + 1), needs: 'admin', press: () => removeFeed(index) })}
    </li>`;
  }
}

/** The way back to what the settings say. @param {'pairs' | 'feeds'} what */
const back = (what) =>
  saved.value?.configured.includes(what) && !draft.value
    ? button({ name: adminWords.value.asSettings[what], needs: 'admin', key: `settings ${what}`, press: () => asSettings(what) })
    : nothing;

/** Where the simulator's feeds are is its own affair: they can only be read all, or not at all. @param {{name: string, url: string}} feed */
const isOwn = (feed) => Boolean(saved.peek()?.feeds.some((one) => one.name === feed.name && !one.url));

const ownFeeds = () => saved.value?.feeds.filter((feed) => !feed.url) ?? [];

/** @param {Event} event */
function writePair(event) {
  pair.value = valueOf(event);
  noPair.value = false;
}

/** @param {Event} event */
const valueOf = (event) => /** @type {HTMLInputElement} */ (event.target).value;

customElements.define('cv-admin-sources', SourcesPage);
