// The rooms around the chart, and what goes with the whole page. They come when the chart stands.
import './banners.js';
import './tabs.js';
import './announce.js';
import '../market/tape.js';
import '../market/feed-strip.js';
import '../alerting/alert-list.js';
import '../news/news-list.js';
import { wanted } from './on-demand.js';

/** The keys come with the first press of one; what is pressed until they are there waits for them. @param {KeyboardEvent} event */
function firstKey(event) {
  if (event.key === '/' && event.target === document.body) event.preventDefault(); // in some browsers it searches the page
  void wanted(import('./keyboard.js')).then((keyboard) => {
    if (keyboard) removeEventListener('keydown', firstKey);
    keyboard?.hear(event);
  });
}
addEventListener('keydown', firstKey);
