// <cv-admin-health>: how each part of the system is.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { trouble } from '../shell/trouble.js';
import { ApiError, get } from '../stream/api.js';
import { Remote } from '../stream/remote.js';
import { AdminPage } from './page.js';
import { plainTable, stale } from './table.js';
import { adminWords } from './words.js';

/** @typedef {{status: string, detail: string | null}} Part */
/** @typedef {{status: 'ok' | 'degraded' | 'down', origin: Origin | null, profile: string | null, components: Record<string, Part>}} Health */

const health = signal(/** @type {Health | null} */ (null));
const version = signal('');

/** A server that is down says so with 503, and still says what of it is. */
const ask = () =>
  get('health/').catch((error) => {
    if (error instanceof ApiError && error.body?.components) return error.body;
    throw error;
  });

const remote = new Remote(ask, (found) => (health.value = found));
/** The version changes with the server, and that may come back as another one. */
const config = new Remote(() => get('config/crypto/'), (found) => (version.value = found.version));

class HealthPage extends AdminPage {
  fetched() {
    return [remote, config];
  }

  view() {
    const t = adminWords.value;
    const found = health.value;
    if (!found) return trouble(remote, '');
    const columns = [
      { name: t.part, cell: (/** @type {[string, Part]} */ [name]) => html`<b>${name}</b>` },
      { name: t.state, cell: (/** @type {[string, Part]} */ [, part]) => state(part.status) },
      { name: t.detail, wide: true, cell: (/** @type {[string, Part]} */ [, part]) => part.detail ?? '—' },
    ];
    return html`${stale(remote)}
      <dl class="admin-facts">
        <div><dt>${t.overall}</dt><dd>${state(found.status)}</dd></div>
        ${found.origin ? html`<div><dt>${t.dataOf}</dt><dd>${t.origins[found.origin] ?? found.origin}</dd></div>` : nothing}
        ${found.profile ? html`<div><dt>${t.profile}</dt><dd>${found.profile}</dd></div>` : nothing}
        ${version.value ? html`<div><dt>${t.version}</dt><dd>${version.value}</dd></div>` : nothing}
      </dl>
      <div class="admin-table" role="region" tabindex="0" aria-label=${t.pages.health}>
        ${plainTable(t.pages.health, Object.entries(found.components), { key: ([name]) => name, columns })}
      </div>`;
  }
}

const DOTS = /** @type {Record<string, string>} */ ({ ok: '', starting: 'connecting', degraded: 'stale', down: 'down', stopped: 'ended' });

/** @param {string} status */
const state = (status) => html`<span class="admin-state"><span class="dot ${DOTS[status] ?? ''}"></span>${adminWords.value.partStates[status] ?? status}</span>`;

customElements.define('cv-admin-health', HealthPage);
