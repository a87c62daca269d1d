// Paths inside images, as BuildKit's util/system joins and cleans them.

/** `path` cleaned; absolute where it begins with a slash. */
export function cleanPath(path: string): string {
  const absolute = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!absolute) parts.push(part);
  }
  const joined = parts.join('/');
  if (absolute) return `/${joined}`;
  return joined === '' ? '.' : joined;
}

/** A path seen from a directory, absolute and clean. */
export function joinPath(directory: string, path: string): string {
  return cleanPath(path.startsWith('/') ? path : `${directory === '' ? '/' : directory}/${path}`);
}

/** The same, with the slash at the end that says that a directory is meant. */
export function joinKeepingSlash(directory: string, path: string): string {
  const given = path === '.' || path === '' ? './' : path;
  const joined = joinPath(directory, given);
  return given.endsWith('/') && joined !== '/' ? `${joined}/` : joined;
}

/** The last part of a path. */
export function baseName(path: string): string {
  const clean = cleanPath(path);
  return clean.slice(clean.lastIndexOf('/') + 1);
}

/** All but the last part. */
export function parentOf(path: string): string {
  const clean = cleanPath(path);
  const slash = clean.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : clean.slice(0, slash);
}
