// Keeps the page's own files, so that it opens at once and without a network. Of what the server tells it keeps nothing.

/**
 * @typedef {Event & {waitUntil: (work: Promise<unknown>) => void}} LifeEvent
 * @typedef {LifeEvent & {addRoutes?: (routes: object) => Promise<void>}} InstallEvent
 * @typedef {Event & {request: Request, respondWith: (answer: Promise<Response>) => void}} FetchEvent
 * @typedef {{version: string, files: string[]}} Shell
 */

const { skipWaiting } = /** @type {{skipWaiting: () => void}} */ (/** @type {unknown} */ (globalThis));
// @ts-expect-error the server writes it above: what to keep, and a version that changes with any of it
const shell = /** @type {Shell} */ (SHELL);
const PREFIX = 'shell ';
const NAME = PREFIX + shell.version;
const kept = new Set(shell.files);

/** All files of one version, or none. */
async function keep() {
  const cache = await caches.open(NAME);
  const one = async (/** @type {string} */ path) => {
    const answer = await fetch(path, { cache: 'no-cache' });
    if (!answer.ok || answer.redirected) throw new Error(`${path} was answered with ${answer.status}`);
    await cache.put(path, answer);
  };
  await Promise.all(shell.files.map(one));
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)));
}

/** @param {string} path @param {Request} request */
async function answer(path, request) {
  const cache = await caches.open(NAME);
  return (await cache.match(path)) ?? fetch(request);
}

addEventListener('install', (event) => {
  const install = /** @type {InstallEvent} */ (event);
  install.waitUntil(keep());
  // Where the browser can, the API's answers never wake this worker: one that is busy is not replaced by the next version.
  install.waitUntil(Promise.resolve(install.addRoutes?.({ condition: { urlPattern: '/api/*' }, source: 'network' })));
});
addEventListener('activate', (event) => /** @type {LifeEvent} */ (event).waitUntil(forgetOthers()));

addEventListener('fetch', (event) => {
  const { request, respondWith } = /** @type {FetchEvent} */ (event);
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin || !kept.has(pathname)) return; // the API, /admin: as ever
  respondWith.call(event, answer(pathname, request));
});

// A new version waits until the reader wants it: two versions in one page would not fit together.
addEventListener('message', ({ data }) => {
  if (data === 'take over') skipWaiting.call(globalThis);
});
