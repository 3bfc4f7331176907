// How many rows come in a second.
import { signal } from '../vendor/signals/signals.js';

const EVERY_MS = 2000;

export const perSecond = signal(0);
let received = 0;
let since = Date.now();

export const countRow = () => void received++;

setInterval(() => {
  perSecond.value = Math.round((received * 1000) / (Date.now() - since));
  received = 0;
  since = Date.now();
}, EVERY_MS);
