// A list of the API, page after page, kept fresh. What is shown is asked for again as a whole.
import { signal } from '../vendor/signals/signals.js';
import { get } from '../stream/api.js';
import { Remote } from '../stream/remote.js';

const PAGE = 50;
const MOST = 1000; // rows that one question may ask for

/** @template T */
export class Listing {
  rows = signal(/** @type {readonly T[]} */ ([]));
  /** Whether there are more rows than those shown. */
  hasMore = signal(false);
  /** Beside the rows, what else the answer holds. */
  answer = signal(/** @type {any} */ (null));
  remote;
  #limit = PAGE;

  /** @param {string} path @param {() => Record<string, string | undefined>} query read anew at each question; an empty one is none */
  constructor(path, query = () => ({})) {
    this.remote = new Remote(
      () => get(path, { ...given(query()), limit: this.#limit }),
      (page) => {
        this.rows.value = page.items;
        this.hasMore.value = page.next_cursor !== null;
        this.answer.value = page;
        this.#cursor = page.next_cursor;
      },
    );
    this.#path = path;
    this.#query = query;
  }

  #path;
  #query;
  #cursor = /** @type {string | null} */ (null);

  /** Ask again for what is shown. Beyond the most that one answer holds, it stays as it was. */
  load() {
    if (this.rows.peek().length <= MOST) return this.remote.load();
  }

  get busy() {
    return this.remote.busy;
  }

  stop() {
    this.remote.stop();
  }

  /** The question has changed. */
  restart() {
    this.#limit = PAGE;
    this.rows.value = [];
    return this.remote.load({ anew: true });
  }

  /** The next page of the list. Raises ApiError. */
  async more() {
    const cursor = this.#cursor;
    if (cursor === null) return;
    const page = await get(this.#path, { ...given(this.#query()), limit: PAGE, cursor });
    if (cursor !== this.#cursor) return; // it was asked anew meanwhile
    this.rows.value = [...this.rows.peek(), ...page.items];
    this.hasMore.value = page.next_cursor !== null;
    this.#cursor = page.next_cursor;
    this.#limit = Math.min(MOST, this.rows.peek().length);
  }
}

/** @param {Record<string, string | undefined>} query */
const given = (query) => Object.fromEntries(Object.entries(query).filter(([, value]) => value));
