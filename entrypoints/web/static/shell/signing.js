// Signing in and out, fetched with what asks for it.
import { ApiError, request } from '../stream/api.js';
import { headers, take } from './account.js';
import { signedIn } from './settings.js';

/** Raises ApiError. @param {string} name @param {string} password */
export async function signIn(name, password) {
  take(await request('POST', 'admin/session/', { name, password }));
}

/** The first user, by the link that the server printed. Raises ApiError. @param {string} token @param {string} name @param {string} password */
export async function setUp(token, name, password) {
  take(await request('POST', 'admin/setup/', { token, name, password }));
}

/** Ends the session, and forgets all that the page shows. Raises ApiError. */
export async function signOut() {
  try {
    await request('DELETE', 'admin/session/', undefined, headers());
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error; // it was over already
  }
  signedIn.value = false;
  location.reload();
}
