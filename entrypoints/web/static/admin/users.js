// <cv-admin-users>: who may sign in, and what they may do.
import { html } from '../vendor/lit/lit.js';
import { accountWords } from '../format/account-words.js';
import { account } from '../shell/account.js';
import { send } from '../stream/api.js';
import { button, run } from './command.js';
import { openForm } from './form.js';
import { Listing } from './listing.js';
import { AdminPage } from './page.js';
import { confirmed } from './sheet.js';
import { ago, table } from './table.js';
import { adminWords } from './words.js';

/** @typedef {import('../shell/account.js').Role} Role */
/** @typedef {{name: string, role: Role, enabled: boolean, created_at: string, last_sign_in_at: string | null}} User */

/** @type {Listing<User>} */
const users = new Listing('admin/users/');
const reload = () => void users.load();
const address = (/** @type {User} */ user) => `admin/users/${encodeURIComponent(user.name)}/`;

const roleField = () => {
  const t = adminWords.value;
  const roles = accountWords.value.roles;
  const choices = /** @type {Role[]} */ (['viewer', 'operator', 'admin']).map((role) => /** @type {[string, string]} */ ([role, roles[role]]));
  return { name: 'role', label: t.role, hint: t.roleMeaning, choices };
};

/** @returns {import('./form.js').Field} */
const passwordField = () => ({ name: 'password', label: adminWords.value.password, hint: accountWords.value.passwordRule, type: 'password', autocomplete: 'new-password' });

function create() {
  const t = adminWords.peek();
  openForm({
    title: t.newUser,
    action: t.create,
    values: { name: '', password: '', role: 'viewer' },
    fields: () => [{ name: 'name', label: adminWords.value.name }, passwordField(), roleField()],
    work: (values) => send('POST', 'admin/users/', values),
    done: reload,
  });
}

/** @param {User} user */
function setRole(user) {
  const t = adminWords.peek();
  openForm({ title: t.roleOf(user.name), action: t.save, values: { role: user.role }, fields: () => [roleField()], work: (values) => send('PUT', address(user), values), done: reload });
}

/** @param {User} user */
function setPassword(user) {
  const t = adminWords.peek();
  openForm({ title: t.passwordOf(user.name), action: t.save, values: { password: '' }, fields: () => [passwordField()], work: (values) => send('PUT', address(user), values), done: reload });
}

/** @param {User} user */
const toggle = (user) =>
  run(`toggle ${user.name}`, () => send('PUT', address(user), { enabled: !user.enabled }), { said: user.enabled ? adminWords.peek().isDisabled(user.name) : adminWords.peek().isEnabled(user.name), then: reload });

/** @param {User} user */
async function remove(user) {
  const t = adminWords.peek();
  if (!(await confirmed({ title: t.deleteUser, text: t.deleteUserMeaning(user.name), action: t.delete, typed: user.name }))) return;
  await run(`delete ${user.name}`, () => send('DELETE', address(user)), { said: t.deleted(user.name), then: reload });
}

class UsersPage extends AdminPage {
  fetched() {
    return [users];
  }

  view() {
    const t = adminWords.value;
    return html`<div class="admin-section"><span class="push"></span>${button({ name: t.newUser, needs: 'admin', kind: 'primary', press: create })}</div>
      ${table(t.pages.users, users, {
        key: (user) => user.name,
        empty: t.noUsers,
        columns: [
          { name: t.name, cell: (user) => html`<b>${user.name}</b>${user.name === account.value?.name ? html` <span class="tag">${t.you}</span>` : ''}` },
          { name: t.role, cell: (user) => accountWords.value.roles[user.role] },
          { name: t.state, cell: (user) => html`<span class="admin-state"><span class="dot ${user.enabled ? '' : 'ended'}"></span>${user.enabled ? t.enabled : t.disabled}</span>` },
          { name: t.lastSignIn, cell: (user) => ago(user.last_sign_in_at) },
          { name: '', cell: actions },
        ],
      })}`;
  }
}

/** @param {User} user */
function actions(user) {
  const t = adminWords.value;
  const of = user.name;
  return html`<div class="row-actions">
    ${button({ name: t.changeRole, of, needs: 'admin', press: () => setRole(user) })} ${button({ name: t.newPassword, of, needs: 'admin', press: () => setPassword(user) })}
    ${button({ name: user.enabled ? t.disable : t.enable, of, needs: 'admin', key: `toggle ${of}`, press: () => toggle(user) })}
    ${button({ name: t.delete, of, needs: 'admin', kind: 'danger', key: `delete ${of}`, press: () => remove(user) })}
  </div>`;
}

customElements.define('cv-admin-users', UsersPage);
