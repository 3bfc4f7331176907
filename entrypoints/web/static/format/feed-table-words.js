// The words of the table of feeds, fetched with it.
import { laterWords } from './later-words.js';

export const feedWords = await laterWords({
  en: async () => (await import('../words/feeds-en.js')).feedWords,
  fr: async () => (await import('../words/feeds-fr.js')).feedWords,
});
