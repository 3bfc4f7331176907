/** The words of the table of feeds. Each language has them all. */
export interface FeedWords {
  marketFeeds: string;
  newsFeeds: string;
  serverParts: string;
  sinceTime: (time: string) => string;
  lastMessage: string;
  lag: string;
  gapsFound: string;
  stillMissing: string;
  backfilled: string;
  completeness: string;
  depth: string;
  tradesSince(text: string, time: string): string;
  nextFetch: string;
}
