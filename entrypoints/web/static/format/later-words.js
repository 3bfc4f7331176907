// Words that are fetched with what says them, not with the page.
import { effect, signal } from '../vendor/signals/signals.js';
import { words } from './language.js';

/** They follow the language of the page. @template T @param {Record<string, () => Promise<T>>} load by language, `en` at least */
export async function laterWords(load) {
  const wordsIn = (/** @type {string} */ code) => /** @type {() => Promise<T>} */ (load[code] ?? load['en'])();
  const found = signal(await wordsIn(words.peek().code));
  effect(() => {
    const { code } = words.value;
    void wordsIn(code).then((other) => {
      if (words.peek().code === code) found.value = /** @type {Awaited<T>} */ (other);
    });
  });
  return found;
}
