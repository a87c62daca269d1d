// A field manager: who changed an object, through which subresource, when.

export interface Manager {
  readonly name: string;
  readonly subresource: string;
  /** RFC 3339 to the second. */
  readonly time: string;
}
