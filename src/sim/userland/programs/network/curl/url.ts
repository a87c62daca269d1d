// URLs as curl takes them: with or without a scheme, user and port; and ranges in braces and brackets (globbing).

/** The parts of a URL. */
export interface Url {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number;
  /** Path and query as they are sent. */
  readonly target: string;
  /** The whole, with scheme and path filled in. */
  readonly href: string;
}

const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, telnet: 23, ftp: 21 };

/** Reads a URL; undefined where it is malformed. Without a scheme, http is meant. */
export function parseUrl(text: string): Url | undefined {
  const match =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(?:([^@/?#]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?([/?][^#]*)?(?:#.*)?$/.exec(
      text,
    );
  if (!match) return undefined;
  const scheme = (match[1] ?? 'http').toLowerCase();
  const host = (match[3] ?? '').replace(/^\[|\]$/g, '');
  const port = match[4] ? Number(match[4]) : (PORTS[scheme] ?? 0);
  if (host === '' || port > 65_535 || /\s/.test(host)) return undefined;
  const rest = match[5] ?? '';
  const target = rest === '' ? '/' : rest.startsWith('?') ? `/${rest}` : rest;
  const shown = match[4] ? `:${match[4]}` : '';
  const named = host.includes(':') ? `[${host}]` : host;
  return {
    scheme,
    user: match[2],
    host,
    port,
    target,
    href: `${scheme}://${named}${shown}${target}`,
  };
}

/** A Location header against the URL that it came from. */
export function resolveUrl(base: Url, location: string): Url | undefined {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(location)) return parseUrl(location);
  const origin = base.href.slice(0, base.href.length - base.target.length);
  if (location.startsWith('//')) return parseUrl(`${base.scheme}:${location}`);
  if (location.startsWith('/')) return parseUrl(origin + location);
  const path = base.target.split('?')[0] ?? '/';
  return parseUrl(`${origin}${path.slice(0, path.lastIndexOf('/') + 1)}${location}`);
}

/** Expands `{a,b}` and `[1-3]`. */
export function expandGlob(text: string): string[] {
  const braces = /\{([^{}]*)\}/.exec(text);
  if (braces) {
    const [whole, inner = ''] = braces;
    return inner.split(',').flatMap((part) => expandGlob(text.replace(whole, part)));
  }
  const range = /\[(\d+)-(\d+)\]/.exec(text);
  if (!range) return [text];
  const [whole, low = '0', high = '0'] = range;
  const out: string[] = [];
  for (let n = Number(low); n <= Number(high); n++) {
    out.push(
      ...expandGlob(
        text.replace(whole, low.startsWith('0') ? String(n).padStart(low.length, '0') : String(n)),
      ),
    );
  }
  return out;
}
