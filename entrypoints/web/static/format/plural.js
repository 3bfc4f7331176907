// Plural forms by each language's own rules.

/** @type {Map<string, Intl.PluralRules>} */
const rules = new Map();

/** @param {string} code @param {number} count @param {{one: string, other: string}} forms */
export function plural(code, count, forms) {
  let rule = rules.get(code);
  if (!rule) rules.set(code, (rule = new Intl.PluralRules(code)));
  return rule.select(count) === 'one' ? forms.one : forms.other;
}
