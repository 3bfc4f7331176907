// The language in use and its words: one language is fetched, another one when it is chosen.
import { effect, signal } from '../vendor/signals/signals.js';
import { language } from '../shell/settings.js';

/** @typedef {import('../words/words.js').Words} Words */

/** Languages we have words for, each named in itself. */
export const LANGUAGES = /** @type {const} */ ({ en: 'English', fr: 'Français' });

/** @type {Record<keyof typeof LANGUAGES, () => Promise<Words>>} */
const load = {
  en: async () => (await import('../words/en.js')).en,
  fr: async () => (await import('../words/fr.js')).fr,
};

/** @param {keyof typeof LANGUAGES} code */
function variant(code) {
  return navigator.languages.find((tag) => tag === code || tag.startsWith(`${code}-`)) ?? code;
}

/** @returns {keyof typeof LANGUAGES} */
function browsers() {
  for (const tag of navigator.languages) {
    const code = tag.slice(0, 2);
    if (code === 'en' || code === 'fr') return code;
  }
  return 'en';
}

const chosen = () => (language.value === 'auto' ? browsers() : language.value);

/** The words; read it inside a view and the view follows the language. */
export const words = signal(await load[chosen()]());

/** The BCP 47 tag that Intl formats with: the browser's own variant (en-GB) when it fits the language. */
export const locale = signal(variant(chosen()));

effect(() => {
  const code = chosen();
  void load[code]().then((found) => {
    locale.value = variant(code);
    words.value = found;
    document.documentElement.lang = code;
  });
});
