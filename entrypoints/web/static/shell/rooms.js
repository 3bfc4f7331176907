// The rooms around the chart, and what goes with the whole page. They come when the chart stands.
import './banners.js';
import './tabs.js';
import './keyboard.js';
import './announce.js';
import '../market/tape.js';
import '../market/feed-strip.js';
import '../alerting/alert-list.js';
import '../news/news-list.js';
