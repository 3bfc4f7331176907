// <cv-admin-topics>: the log's topics, their partitions, and how far behind their readers are.
import { html } from '../vendor/lit/lit.js';
import { count } from '../format/number.js';
import { Listing } from './listing.js';
import { AdminPage } from './page.js';
import { size } from './size.js';
import { table } from './table.js';
import { adminWords } from './words.js';

const LAGGING = 1000; // records; readers save their places about once a second, and a few records come meanwhile

/** @typedef {{partition: number, first: number, last: number}} Partition */
/** @typedef {{topic: string, records: number | null, bytes: number | null, partitions: Partition[], consumers: {name: string, lag: number | null}[]}} Topic */

/** @type {Listing<Topic>} */
const topics = new Listing('admin/topics/');

class TopicsPage extends AdminPage {
  fetched() {
    return [topics];
  }

  view() {
    const t = adminWords.value;
    return table(t.pages.topics, topics, {
      key: (topic) => topic.topic,
      empty: t.noTopics,
      columns: [
        { name: t.topic, cell: (topic) => html`<b>${topic.topic}</b>` },
        { name: t.records, number: true, cell: (topic) => (topic.records === null ? t.counting : count(topic.records)) },
        { name: t.size, number: true, cell: (topic) => (topic.bytes === null ? '—' : size(topic.bytes)) },
        { name: t.partitions, cell: (topic) => !topic.partitions.length ? '—' : html`<ul class="cell-list">${topic.partitions.map((one) => html`<li>${t.partition(String(one.partition), count(one.first), count(one.last))}</li>`)}</ul>` },
        { name: t.readers, cell: (topic) => !topic.consumers.length ? '—' : html`<ul class="cell-list">${topic.consumers.map((one) => html`<li>${one.name}: <span class=${(one.lag ?? 0) >= LAGGING ? 'lagging' : ''}>${one.lag === null ? '—' : t.behind(one.lag, count(one.lag))}</span></li>`)}</ul>` },
      ],
    });
  }
}

customElements.define('cv-admin-topics', TopicsPage);
