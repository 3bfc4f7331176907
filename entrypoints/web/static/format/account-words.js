// The words of signing in and out.
import { laterWords } from './later-words.js';

export const accountWords = await laterWords({
  en: async () => (await import('../words/account-en.js')).accountWords,
  fr: async () => (await import('../words/account-fr.js')).accountWords,
});
