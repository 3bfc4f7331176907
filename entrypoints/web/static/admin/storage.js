// <cv-admin-storage>: how much is kept, since when, and for how long.
import { html, nothing } from '../vendor/lit/lit.js';
import { compact, count } from '../format/number.js';
import { Listing } from './listing.js';
import { AdminPage } from './page.js';
import { size } from './size.js';
import { ago, moment, table } from './table.js';
import { adminWords } from './words.js';

/** @typedef {{table: string, rows: number | null, exact: boolean, bytes: number | null, oldest: string | null, newest: string | null, days_kept: number | null}} StoredTable */

/** @type {Listing<StoredTable>} */
const tables = new Listing('admin/storage/');

class StoragePage extends AdminPage {
  fetched() {
    return [tables];
  }

  view() {
    const t = adminWords.value;
    return html`${this.#figures()}
      ${table(t.pages.storage, tables, {
        key: (one) => one.table,
        empty: t.noTables,
        columns: [
          { name: t.table, cell: (one) => html`<b>${one.table}</b>` },
          { name: t.rows, number: true, cell: (one) => (one.rows === null ? '—' : one.exact ? count(one.rows) : t.about(compact(one.rows))) },
          { name: t.size, number: true, cell: (one) => (one.bytes === null ? '—' : size(one.bytes)) },
          { name: t.oldest, cell: (one) => moment(one.oldest) },
          { name: t.newest, cell: (one) => moment(one.newest) },
          { name: t.kept, number: true, cell: (one) => (one.days_kept === null ? t.forever : t.daysKept(one.days_kept, count(one.days_kept))) },
        ],
      })}`;
  }

  /** Bytes of log, database and disk, as far as the server knows them, and when they were measured. */
  #figures() {
    const t = adminWords.value;
    const { log_bytes: log, database_bytes: database, disk_free_bytes: free, disk_total_bytes: total, measured_at: at } = tables.answer.value ?? {};
    const fact = (/** @type {string} */ name, /** @type {number | null | undefined} */ bytes) => (bytes == null ? nothing : html`<div><dt>${name}</dt><dd>${size(bytes)}</dd></div>`);
    return html`<dl class="admin-facts">${fact(t.logSize, log)} ${fact(t.databaseSize, database)} ${fact(t.diskFree, free)} ${fact(t.diskTotal, total)} ${at ? html`<div><dt>${t.measured}</dt><dd>${ago(at)}</dd></div>` : nothing}</dl>`;
  }
}

customElements.define('cv-admin-storage', StoragePage);
