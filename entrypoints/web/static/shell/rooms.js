// The rooms around the chart, and what goes with the whole page. They come when the chart stands.
import './banners.js';
import './tabs.js';
import './announce.js';
import '../market/tape.js';
import '../market/feed-strip.js';
import '../alerting/alert-list.js';
import '../news/news-list.js';
import { wanted } from './on-demand.js';

/** @type {Promise<typeof import('./keyboard.js') | void> | undefined} */
let keyboard;

/** The keys come with the first press of one; what is pressed until they are there waits, in order. @param {KeyboardEvent} event */
function firstKey(event) {
  if (event.key === '/' && event.target === document.body) event.preventDefault(); // in some browsers it searches the page
  keyboard ??= wanted(import('./keyboard.js'), () => (keyboard = undefined));
  void keyboard.then((found) => {
    if (!found) return;
    removeEventListener('keydown', firstKey);
    addEventListener('keydown', found.hear);
    found.hear(event);
  });
}
addEventListener('keydown', firstKey);
