// The words of the admin pages.
import { laterWords } from '../format/later-words.js';

export const adminWords = await laterWords({
  en: async () => (await import('../words/admin-en.js')).adminWords,
  fr: async () => (await import('../words/admin-fr.js')).adminWords,
});
