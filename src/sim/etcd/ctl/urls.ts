// URLs of members as etcd takes them: a scheme, a host and a port, and nothing else.

/** The schemes that listeners and peers may have. */
const SCHEMES = ['http', 'https', 'unix', 'unixs'];

/** What is wrong with the first bad one of a list of URLs, in Go's words. */
export function badPeerUrl(urls: readonly string[]): string | undefined {
  for (const url of urls) {
    const bad = badUrl(url.trim());
    if (bad !== undefined) return bad;
  }
  return undefined;
}

function badUrl(url: string): string | undefined {
  const match = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\/([^/?#]*)(.*)$/.exec(url);
  if (match === null) {
    if (/^[^/]*:/.test(url) && !/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(url)) {
      return `parse ${JSON.stringify(url)}: first path segment in URL cannot contain colon`;
    }
    return `URL scheme must be http, https, unix, or unixs: ${url}`;
  }
  const [, scheme = '', host = '', path = ''] = match;
  if (!SCHEMES.includes(scheme)) return `URL scheme must be http, https, unix, or unixs: ${url}`;
  if (!/^(\[[^\]]*\]|[^:]*):[^:]*$/.test(host)) {
    return `URL address does not have the form "host:port": ${url}`;
  }
  return path === '' || path === '/' ? undefined : `URL must not contain a path: ${url}`;
}
