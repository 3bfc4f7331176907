// <cv-admin-audit>: who commanded what, with what outcome.
import { html } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { filterField } from './filter.js';
import { instant, inZone } from './instant.js';
import { Listing } from './listing.js';
import { AdminPage } from './page.js';
import { moment, table } from './table.js';
import { adminWords } from './words.js';

/** @typedef {{at: string, actor: string, action: string, target: string, detail: string, outcome: number, address: string}} Entry */

const filters = { actor: signal(''), action: signal(''), start: signal(''), end: signal('') };

/** @type {Listing<Entry>} */
const entries = new Listing('admin/audit/', () => ({
  actor: filters.actor.peek(),
  action: filters.action.peek(),
  start: instant(filters.start.peek()),
  end: instant(filters.end.peek()),
}));

class AuditPage extends AdminPage {
  fetched() {
    return [entries];
  }

  view() {
    const t = adminWords.value;
    const changed = () => void entries.restart();
    const filtered = Object.values(filters).some((filter) => filter.value);
    return html`<form class="admin-filters" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
        ${filterField(t.who, filters.actor, changed)} ${filterField(t.actionBegins, filters.action, changed)}
        ${filterField(inZone(t.since), filters.start, changed, 'datetime-local')} ${filterField(inZone(t.before), filters.end, changed, 'datetime-local')}
      </form>
      ${table(t.pages.audit, entries, {
        key: (entry) => `${entry.at} ${entry.actor} ${entry.action} ${entry.target}`,
        empty: filtered ? t.noneFiltered : t.noEntries,
        columns: [
          { name: t.time, cell: (entry) => moment(entry.at) },
          { name: t.who, cell: (entry) => html`<b>${entry.actor}</b>` },
          { name: t.action, cell: (entry) => html`<code>${entry.action.replace('/api/v1/', '')}</code>` },
          { name: t.target, wide: true, cell: (entry) => [entry.target, entry.detail].filter(Boolean).join(' · ') || '—' },
          { name: t.outcome, cell: (entry) => html`<span class="admin-state"><span class="dot ${entry.outcome < 400 ? '' : 'down'}"></span>${entry.outcome < 400 ? t.did : t.refused} <span class="quiet">${entry.outcome}</span></span>` },
          { name: t.fromAddress, cell: (entry) => entry.address },
        ],
      })}`;
  }
}

customElements.define('cv-admin-audit', AuditPage);
