/** The words of the help. Each language has them all. */
export interface HelpWords {
  keyList: [string, string][];
  licences: string;
}
