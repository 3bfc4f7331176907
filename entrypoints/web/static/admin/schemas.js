// <cv-admin-schemas>: the schemas of the log's records, each version as it stands or against the one before.
import { html, nothing } from '../vendor/lit/lit.js';
import { signal } from '../vendor/signals/signals.js';
import { difference } from './diff.js';
import { Listing } from './listing.js';
import { AdminPage } from './page.js';
import { sheet } from './sheet.js';
import { table } from './table.js';
import { adminWords } from './words.js';

/** @typedef {{version: number, id: number | null, schema: unknown}} Version */
/** @typedef {{subject: string, versions: Version[]}} Subject */

/** @type {Listing<Subject>} */
const subjects = new Listing('admin/schemas/');

/** @param {Subject} subject @param {Version} version */
function open(subject, version) {
  const compared = signal(false);
  const before = subject.versions.find((one) => one.version === version.version - 1);
  const view = () => {
    const t = adminWords.value;
    return html`<p class="quiet">${version.id === null ? nothing : t.schemaId(String(version.id))}</p>
      ${before
        ? html`<label class="switch"><input type="checkbox" .checked=${compared.value} @change=${() => (compared.value = !compared.value)} />${t.againstVersion(String(before.version))}</label>`
        : nothing}
      <pre class="code" tabindex="0" aria-label=${subject.subject}>${before && compared.value ? changes(before, version) : written(version)}</pre>`;
  };
  sheet.value = { title: `${subject.subject} v${version.version}`, view };
}

/** @param {Version} version */
function written({ schema }) {
  return JSON.stringify(typeof schema === 'string' ? JSON.parse(schema) : schema, null, 2);
}

/** @param {Version} before @param {Version} after */
const changes = (before, after) =>
  difference(written(before), written(after)).map(({ sign, text }) =>
    sign === ' ' ? `  ${text}\n` : sign === '+' ? html`<ins>+ ${text}\n</ins>` : html`<del>- ${text}\n</del>`,
  );

class SchemasPage extends AdminPage {
  fetched() {
    return [subjects];
  }

  view() {
    const t = adminWords.value;
    const link = (/** @type {Subject} */ subject, /** @type {Version} */ version) =>
      html`<button class="button" @click=${() => open(subject, version)}>v${version.version}<span class="sr"> ${subject.subject}</span></button>`;
    return table(t.pages.schemas, subjects, {
      key: (subject) => subject.subject,
      empty: t.noSchemas,
      columns: [
        { name: t.subject, cell: (subject) => html`<b>${subject.subject}</b>` },
        { name: t.versions, number: true, cell: (subject) => html`<div class="row-actions">${subject.versions.toSorted((a, b) => b.version - a.version).map((version) => link(subject, version))}</div>` },
      ],
    });
  }
}

customElements.define('cv-admin-schemas', SchemasPage);
