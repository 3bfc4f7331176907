// What differs between two texts, line by line: the longest common subsequence stays, the rest is gone or new.

/** @typedef {{sign: ' ' | '-' | '+', text: string}} Line */

/** @param {string} before @param {string} after @returns {Line[]} */
export function difference(before, after) {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  /** Length of what the tails from i and j have in common. */
  const common = Array.from({ length: old.length + 1 }, () => new Uint32Array(fresh.length + 1));
  const at = (/** @type {number} */ i, /** @type {number} */ j) => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = fresh.length - 1; j >= 0; j--) {
      const row = /** @type {Uint32Array} */ (common[i]);
      row[j] = old[i] === fresh[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  /** @type {Line[]} */
  const lines = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      lines.push({ sign: ' ', text: fresh[j] ?? '' });
      i += 1;
      j += 1;
    } else if (j < fresh.length && (i === old.length || at(i, j + 1) > at(i + 1, j))) {
      lines.push({ sign: '+', text: fresh[j] ?? '' });
      j += 1;
    } else {
      lines.push({ sign: '-', text: old[i] ?? '' });
      i += 1;
    }
  }
  return lines;
}
