// A rule in words.
import { words } from '../format/language.js';
import { count } from '../format/number.js';
import { span } from '../format/time.js';
import { tools } from '../format/tool-words.js';

/** "Price move · BTC/USD · 1 % · 5 min" @param {AlertRule} rule */
export function ruleInWords({ kind, pair, threshold_pct: threshold, window_s: seconds, notify }) {
  const t = tools.value;
  const size = Number(threshold) ? words.value.percent(threshold) : null;
  const told = notify?.length ? t.toldTo(count(notify.length), notify.length) : null;
  return [t.kindNames[kind] ?? kind, pair ?? t.anyPair, size, span(seconds), told].filter(Boolean).join(' · ');
}
