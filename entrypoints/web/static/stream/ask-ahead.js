// Runs while the page's modules are still on their way: asks for what the first paint waits for (api.js takes the answers).
{
  const [typed = '', interval = ''] = location.hash.slice(1).split('/');
  const spelled = typed.split('-').map((part) => (part === part.toLowerCase() ? part.toUpperCase() : part)).join('-'); // as pairs.js does
  const of = /^[A-Z0-9.]+-[A-Z0-9.]+$/i.test(typed) ? spelled : 'BTC-USD';
  const paths = ['config/crypto/', 'tickers/', `candles/?pair=${of}&interval=${/^([15]m|15m|[14]h|1d)$/.test(interval) ? interval : '5m'}&limit=500`];
  globalThis.askedAhead = new Map(paths.map((path) => [path, fetch(`/api/v1/${path}`, { signal: AbortSignal.timeout(15_000) })]));
  for (const answer of globalThis.askedAhead.values()) answer.catch(() => {}); // whoever takes it hears of it
}
