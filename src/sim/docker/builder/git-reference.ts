// References to git repositories as build contexts and ADD take them: URL, then #REF:DIRECTORY.

export interface GitSource {
  readonly remote: string;
  readonly ref: string;
  readonly directory: string;
}

/** Reads a reference; undefined where the text is none. */
export function gitSource(text: string): GitSource | undefined {
  const hash = text.indexOf('#');
  const url = hash < 0 ? text : text.slice(0, hash);
  const fragment = hash < 0 ? '' : text.slice(hash + 1);
  const known =
    /^(git|ssh):\/\//.test(url) ||
    /^https?:\/\/.*\.git$/.test(url) ||
    /^git@[\w.-]+:/.test(url) ||
    /^github\.com\/[^/]+\/[^/]+/.test(url);
  if (!known) return undefined;
  const colon = fragment.indexOf(':');
  return {
    remote: url.startsWith('github.com/') ? `https://${url}` : url,
    ref: colon < 0 ? fragment : fragment.slice(0, colon),
    directory: colon < 0 ? '' : fragment.slice(colon + 1),
  };
}
