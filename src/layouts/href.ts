// Addresses within the site. It stands at '/' or under a folder; links are written from its own root.

const base = import.meta.env.BASE_URL.replace(/\/$/, '');

/** The address of a path of the site, which begins with '/'. Other addresses stay as they are. */
export function href(path: string): string {
  return path.startsWith('/') ? base + path : path;
}

/** A page's own path, without the folder that the site stands under. */
export function pathOf(url: URL): string {
  return url.pathname.startsWith(`${base}/`) ? url.pathname.slice(base.length) : url.pathname;
}
