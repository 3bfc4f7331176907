// The words of the table of feeds in English.
/** @type {import('./feeds.js').FeedWords} */
export const feedWords = {
  marketFeeds: 'Market',
  newsFeeds: 'News sources',
  serverParts: 'Parts of the server that are not well',
  sinceTime: (time) => `since ${time}`,
  lastMessage: 'Last message',
  lag: 'Lag',
  gapsFound: 'Gaps found',
  stillMissing: 'Still missing',
  backfilled: 'Backfilled',
  completeness: 'Complete',
  depth: 'Trades kept',
  tradesSince: (text, time) => `${text} since ${time}`,
  nextFetch: 'Next fetch',
};
