// The words of the table of feeds in French.
/** @type {import('./feeds.js').FeedWords} */
export const feedWords = {
  marketFeeds: 'Marché',
  newsFeeds: 'Sources d’actualités',
  serverParts: 'Parties du serveur en difficulté',
  sinceTime: (time) => `depuis ${time}`,
  lastMessage: 'Dernier message',
  lag: 'Retard',
  gapsFound: 'Trous trouvés',
  stillMissing: 'Encore manquantes',
  backfilled: 'Rattrapées',
  completeness: 'Complet',
  depth: 'Transactions conservées',
  tradesSince: (text, time) => `${text} depuis ${time}`,
  nextFetch: 'Prochaine lecture',
};
