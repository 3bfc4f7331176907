/** The words of the help. Each language has them all. */
export interface HelpWords {
  keys: string;
  about: string;
  keyList: [string, string][];
  licences: string;
}
