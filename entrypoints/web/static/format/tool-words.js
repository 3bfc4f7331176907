// The words of the tools around the chart (search, rules, backtest, statistics, settings), fetched with the first of them.
import { laterWords } from './later-words.js';

export const tools = await laterWords({
  en: async () => (await import('../words/tools-en.js')).tools,
  fr: async () => (await import('../words/tools-fr.js')).tools,
});
