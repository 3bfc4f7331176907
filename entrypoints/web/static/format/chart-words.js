// The words of what is laid over the chart, fetched after the chart.
import { laterWords } from './later-words.js';

export const chartWords = await laterWords({
  en: async () => (await import('../words/chart-en.js')).chart,
  fr: async () => (await import('../words/chart-fr.js')).chart,
});
