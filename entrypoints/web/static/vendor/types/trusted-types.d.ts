/** What lit-html's types name from the trusted-types package. */
export interface TrustedHTML {
  toString(): string;
}
