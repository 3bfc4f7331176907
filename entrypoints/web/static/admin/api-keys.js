// <cv-admin-api-keys>: keys for programs. A key's text is shown when it is made, and never again.
import { html } from '../vendor/lit/lit.js';
import { send } from '../stream/api.js';
import { button, run } from './command.js';
import { openForm } from './form.js';
import { instant, inZone } from './instant.js';
import { Listing } from './listing.js';
import { AdminPage } from './page.js';
import { secretShown } from './secret.js';
import { confirmed } from './sheet.js';
import { ago, moment, table } from './table.js';
import { adminWords } from './words.js';

/** @typedef {{id: string, title: string, scopes: string[], created_by: string, created_at: string, last_used_at: string | null, expires_at: string | null}} ApiKey */

/** @type {Listing<ApiKey>} */
const keys = new Listing('admin/api-keys/');
const reload = () => void keys.load();

/** Each scope with those that it is of no use without. */
const SCOPES = /** @type {Record<string, string[]>} */ ({ read: ['read'], command: ['read', 'command'], admin: ['read', 'command', 'admin'] });

function create() {
  const t = adminWords.peek();
  openForm({
    title: t.newKey,
    action: t.create,
    values: { title: '', scope: 'read', expires_at: '' },
    fields: () => [
      { name: 'title', label: adminWords.value.keyTitle, hint: adminWords.value.keyTitleMeaning },
      { name: 'scope', label: adminWords.value.mayDo, choices: /** @type {[string, string][]} */ (Object.entries(adminWords.value.scopes)) },
      { name: 'expires_at', label: inZone(adminWords.value.expires), hint: adminWords.value.expiresMeaning, type: 'datetime-local' },
    ],
    work: async ({ title, scope, expires_at: until }) => {
      const expiry = until ? { expires_at: instant(until) } : {};
      const row = await send('POST', 'admin/api-keys/', { title, scopes: SCOPES[scope ?? 'read'], ...expiry });
      secretShown(t.keyMade, t.keyShownOnce, row.key);
    },
    done: reload,
  });
}

/** @param {ApiKey} key */
async function revoke(key) {
  const t = adminWords.peek();
  if (!(await confirmed({ title: t.revokeKey, text: t.revokeMeaning(key.title), action: t.revoke }))) return;
  await run(`revoke ${key.id}`, () => send('DELETE', `admin/api-keys/${encodeURIComponent(key.id)}/`), { said: t.revoked(key.title), then: reload });
}

class ApiKeysPage extends AdminPage {
  fetched() {
    return [keys];
  }

  view() {
    const t = adminWords.value;
    return html`<div class="admin-section"><span class="push"></span>${button({ name: t.newKey, needs: 'admin', kind: 'primary', press: create })}</div>
      ${table(t.pages['api-keys'], keys, {
        key: (key) => key.id,
        empty: t.noKeys,
        columns: [
          { name: t.keyTitle, cell: (key) => html`<b>${key.title}</b>` },
          { name: t.mayDo, cell: (key) => key.scopes.map((scope) => html`<span class="tag">${scope}</span> `) },
          { name: t.madeBy, cell: (key) => key.created_by },
          { name: t.made, cell: (key) => ago(key.created_at) },
          { name: t.lastUsed, cell: (key) => ago(key.last_used_at) },
          { name: t.expires, cell: (key) => moment(key.expires_at) },
          { name: '', cell: (key) => button({ name: t.revoke, of: key.title, needs: 'admin', kind: 'danger', key: `revoke ${key.id}`, press: () => revoke(key) }) },
        ],
      })}`;
  }
}

customElements.define('cv-admin-api-keys', ApiKeysPage);
