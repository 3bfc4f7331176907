// Sums on decimal strings without floats: both are scaled to whole numbers.

/** @param {string} text @param {number} scale */
function scaled(text, scale) {
  const negative = text.startsWith('-');
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const value = BigInt(whole + fraction.padEnd(scale, '0'));
  return negative ? -value : value;
}

/** @param {bigint} value @param {number} scale */
function written(value, scale) {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const text = scale ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits;
  return value < 0n ? `-${text}` : text;
}

/** @param {string[]} texts */
const scaleOf = (...texts) => Math.max(...texts.map((text) => text.split('.')[1]?.length ?? 0));

/** a − b, exactly. @param {string} a @param {string} b */
export function difference(a, b) {
  const scale = scaleOf(a, b);
  return written(scaled(a, scale) - scaled(b, scale), scale);
}

/** The spread in basis points of the middle price, to 2 decimals; null without a price. @param {string} bid @param {string} ask */
export function basisPoints(bid, ask) {
  const scale = scaleOf(bid, ask);
  const [low, high] = [scaled(bid, scale), scaled(ask, scale)];
  if (low + high <= 0n) return null;
  return written(((high - low) * 2_000_000n) / (low + high), 2);
}
