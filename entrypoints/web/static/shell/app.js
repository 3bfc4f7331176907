// The page as an app: its service worker is registered, and a new version of the page is told of.
import { effect } from '../vendor/signals/signals.js';
import { stream } from '../stream/live.js';
import { newVersion } from './server-state.js';

const EVERY_MS = 3_600_000;
const WORKER = '/service-worker.js';

/** The address as Trusted Types wants it. @returns {string} */
function trustedAddress() {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  return trustedTypes ? trustedTypes.createPolicy('service-worker', { createScriptURL: () => WORKER }).createScriptURL('') : WORKER;
}

/** Offer what waits; the first version ever has nothing to replace. @param {ServiceWorkerRegistration} registration */
function offer({ waiting }) {
  if (!waiting || !navigator.serviceWorker.controller) return;
  newVersion.value = () => waiting.postMessage('take over');
}

async function register() {
  const { serviceWorker } = navigator;
  // Whichever tab took the new version: what this one has still to fetch would be of that, and not fit what it has.
  if (serviceWorker.controller) serviceWorker.addEventListener('controllerchange', () => location.reload());
  const registration = await serviceWorker.register(trustedAddress());
  offer(registration);
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', () => offer(registration));
  });
  const look = () => void registration.update().catch(() => {}); // the server is away: the next look will do
  setInterval(look, EVERY_MS);
  let lost = false;
  effect(() => {
    const link = stream.link.value;
    if (lost && !link.lost) look(); // it may have come back as another version
    lost = link.lost;
  });
}

// Browsers have none on plain http beyond this machine; without it the page works the same, but not offline.
if ('serviceWorker' in navigator) void register().catch((error) => console.warn(`not kept for offline use: ${error}`));
