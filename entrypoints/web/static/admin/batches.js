// <cv-admin-batches>: what the Spark jobs did last.
import { html } from '../vendor/lit/lit.js';
import { count } from '../format/number.js';
import { Listing } from './listing.js';
import { AdminPage } from './page.js';
import { moment, table } from './table.js';
import { adminWords } from './words.js';

/** @typedef {{job: string, batch_id: number, started_at: string, duration_ms: number, rows: number}} Batch */

/** @type {Listing<Batch>} */
const batches = new Listing('admin/batches/');

class BatchesPage extends AdminPage {
  fetched() {
    return [batches];
  }

  view() {
    const t = adminWords.value;
    return table(t.pages.batches, batches, {
      key: (batch) => `${batch.job} ${batch.batch_id}`,
      empty: t.noBatches,
      columns: [
        { name: t.job, cell: (batch) => html`<b>${batch.job}</b>` },
        { name: t.batch, number: true, cell: (batch) => batch.batch_id },
        { name: t.started, cell: (batch) => moment(batch.started_at) },
        { name: t.took, number: true, cell: (batch) => t.milliseconds(count(batch.duration_ms)) },
        { name: t.rows, number: true, cell: (batch) => count(batch.rows) },
      ],
    });
  }
}

customElements.define('cv-admin-batches', BatchesPage);
