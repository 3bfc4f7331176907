// <cv-admin-streams>: the event store: its streams by how their names begin, and the events of one.
import { html } from '../vendor/lit/lit.js';
import { signal, untracked } from '../vendor/signals/signals.js';
import { count } from '../format/number.js';
import { filterField } from './filter.js';
import { Listing } from './listing.js';
import { AdminPage } from './page.js';
import { part } from './route.js';
import { ago, moment, table } from './table.js';
import { adminWords } from './words.js';

/** @typedef {{stream: string, version: number, last_at: string}} Stream */
/** @typedef {{version: number, name: string, event_version: number, recorded_at: string, origin: string, data: Record<string, unknown>}} StoredEvent */

const prefix = signal('');
/** @type {Listing<Stream>} */
const streams = new Listing('admin/streams/', () => ({ prefix: prefix.peek() }));
const events = signal(/** @type {Listing<StoredEvent> | null} */ (null));

/** @param {string | null} stream */
function choose(stream) {
  (events.peek() ?? streams).stop();
  events.value = stream === null ? null : new Listing(`admin/streams/${encodeURIComponent(stream)}/`);
  void (events.peek() ?? streams).load();
}

class StreamsPage extends AdminPage {
  connectedCallback() {
    this.watch(() => {
      const stream = part.value;
      untracked(() => choose(stream));
    });
    super.connectedCallback();
  }

  fetched() {
    return [events.peek() ?? streams];
  }

  view() {
    const t = adminWords.value;
    const opened = events.value;
    if (opened) return this.#events(opened);
    return html`<form class="admin-filters" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>${filterField(t.beginsWith, prefix, () => void streams.restart())}</form>
      ${table(t.pages.streams, streams, {
        key: (stream) => stream.stream,
        empty: prefix.value ? t.noneFiltered : t.noStreams,
        columns: [
          { name: t.stream, wide: true, cell: (stream) => html`<a class="plain" href="#streams/${encodeURIComponent(stream.stream)}"><b>${stream.stream}</b></a>` },
          { name: t.version, number: true, cell: (stream) => count(stream.version) },
          { name: t.lastEvent, cell: (stream) => ago(stream.last_at) },
        ],
      })}`;
  }

  /** @param {Listing<StoredEvent>} opened */
  #events(opened) {
    const t = adminWords.value;
    const stream = part.value ?? '';
    return html`<p class="admin-back"><a class="button" href="#streams">${t.allStreams}</a> <b>${stream}</b></p>
      ${table(stream, opened, {
        key: (event) => event.version,
        empty: t.noEvents,
        columns: [
          { name: t.version, number: true, cell: (event) => count(event.version) },
          { name: t.event, cell: (event) => html`<b>${event.name}</b>` },
          { name: t.recorded, cell: (event) => moment(event.recorded_at) },
          { name: t.dataOf, cell: (event) => (ofHouse(stream) ? '—' : (t.origins[event.origin] ?? event.origin)) },
          { name: t.content, wide: true, cell: content },
        ],
      })}`;
  }
}

/** What the house decides is of no market. @param {string} stream */
const ofHouse = (stream) => /^(sources$|channel:|audit:)/.test(stream);

/** @param {StoredEvent} event */
const content = (event) => html`<details><summary>${adminWords.value.show}</summary><pre class="code" tabindex="0" aria-label=${event.name}>${JSON.stringify(event.data, null, 2)}</pre></details>`;

customElements.define('cv-admin-streams', StreamsPage);
