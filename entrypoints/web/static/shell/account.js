// Who is signed in. The cookie is the browser's affair; the page knows the name, the role and the token of its commands.
import { effect, signal } from '../vendor/signals/signals.js';
import { ApiError, request, signer } from '../stream/api.js';
import { signedIn } from './settings.js';

/** @typedef {'viewer' | 'operator' | 'admin'} Role */
/** @typedef {{name: string, role: Role, csrf_token: string, expires_at: string}} Account */

const RANK = { viewer: 0, operator: 1, admin: 2 };

/** Null: nobody, as far as we know. */
export const account = signal(/** @type {Account | null} */ (null));
/** Whether the dialog is open in which one signs in or out. */
export const accountShown = signal(false);

/** Whether whoever is signed in has that role, or a larger one. @param {Role} role */
export const may = (role) => account.value !== null && RANK[account.value.role] >= RANK[role];

/** @param {Account | null} found */
export function take(found) {
  account.value = found;
  signedIn.value = found !== null;
}

async function load() {
  try {
    take(await request('GET', 'admin/session/'));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) take(null);
    // Otherwise it is not known, and stays as it was.
  }
}

/** Settled when it is known who is signed in; who never was here is not asked for. */
export const known = signedIn.peek() ? load() : Promise.resolve();

/** What signs a command. @returns {Record<string, string>} */
export const headers = () => (account.peek() ? { 'x-csrf-token': account.peek()?.csrf_token ?? '' } : {});

/** @type {((done: boolean) => void)[]} */
let waiting = [];
let declined = false; // who did not want to sign in for reading is not asked again

signer.headers = async () => {
  await known;
  return headers();
};

signer.renew = async () => {
  const before = account.peek()?.csrf_token;
  await load();
  return account.peek() !== null && account.peek()?.csrf_token !== before;
};

signer.signIn = async (command) => {
  take(null);
  if (!command && declined) return false;
  accountShown.value = true;
  return new Promise((resolve) => waiting.push(resolve));
};

effect(() => {
  if (accountShown.value) return;
  const done = account.peek() !== null;
  if (waiting.length && !done) declined = true;
  for (const settle of waiting.splice(0)) settle(done);
});
