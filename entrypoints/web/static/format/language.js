// The language in use and its words. English is always there; another one is fetched when it is chosen.
import { effect, signal } from '../vendor/signals-core/signals-core.js';
import { en } from '../words/en.js';
import { language } from '../shell/settings.js';

/** @typedef {import('../words/words.js').Words} Words */

/** Languages we have words for, each named in itself. */
export const LANGUAGES = /** @type {const} */ ({ en: 'English', fr: 'Français' });

/** @type {Record<keyof typeof LANGUAGES, () => Promise<Words>>} */
const load = {
  en: async () => en,
  fr: async () => (await import('../words/fr.js')).fr,
};

/** The words; read it inside a view and the view follows the language. */
export const words = signal(en);

/** The BCP 47 tag that Intl formats with: the browser's own variant (en-GB) when it fits the language. */
export const locale = signal('en');

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

effect(() => {
  const code = language.value === 'auto' ? browsers() : language.value;
  void load[code]().then((found) => {
    locale.value = variant(code);
    words.value = found;
    document.documentElement.lang = code;
  });
});
