// What Apache answers for files: the file, a listing, a redirection to a directory's own name, or its error page.

import { Content } from '../../core/content.ts';
import { epochMilliseconds } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { S_IFDIR, S_IFMT } from '../../kernel/files/inode.ts';
import type { HttpRequest, HttpResponse } from '../../userland/http/message.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { httpDate, TYPES } from './nginx-files.ts';

/** Where documents are and how directories are shown. */
export interface Documents {
  readonly root: string;
  readonly index: readonly string[];
  /** Options Indexes: directories without an index are listed. */
  readonly listing: boolean;
  readonly banner: string;
}

const PAGES: Readonly<Record<number, readonly [string, string]>> = {
  301: ['Moved Permanently', 'The document has moved'],
  403: ['Forbidden', "You don't have permission to access this resource."],
  404: ['Not Found', 'The requested URL was not found on this server.'],
  405: ['Method Not Allowed', 'The requested method is not allowed for this URL.'],
  500: [
    'Internal Server Error',
    'The server encountered an internal error or misconfiguration and was unable to complete your request.',
  ],
};

function respond(
  p: Process,
  banner: string,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Content,
): HttpResponse {
  return {
    status,
    body,
    headers: {
      date: httpDate(epochMilliseconds(p.now)),
      server: banner,
      ...headers,
      'content-length': String(body.size),
    },
  };
}

/** Apache's own page for a status. `place`: where a redirection leads. */
export function apacheError(
  p: Process,
  banner: string,
  status: number,
  place?: string,
): HttpResponse {
  const [title, text] = PAGES[status] ?? [String(status), ''];
  const said = place === undefined ? text : `${text} <a href="${place}">here</a>.`;
  const html = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>${said}</p>\n</body></html>\n`;
  const headers = { 'content-type': 'text/html; charset=iso-8859-1' };
  const more: Record<string, string> = place === undefined ? {} : { location: place };
  return respond(p, banner, status, { ...more, ...headers }, Content.ofText(html));
}

/** Answers a request for a path below the document root. */
export function* serveDocument(
  p: Process,
  documents: Documents,
  request: HttpRequest,
): Routine<HttpResponse> {
  const { banner, root, index, listing } = documents;
  if (!['GET', 'HEAD', 'POST'].includes(request.method)) return apacheError(p, banner, 405);
  if (request.path.split('/').includes('..')) return apacheError(p, banner, 403);
  const path = `${root}${request.path}`;
  const stat = p.stat(path);
  if (isErrno(stat)) return apacheError(p, banner, stat.name === 'EACCES' ? 403 : 404);
  if ((stat.mode & S_IFMT) !== S_IFDIR) return yield* sendFile(p, banner, path);
  if (!request.path.endsWith('/')) {
    const place = `http://${request.headers.host ?? 'localhost'}${request.path}/`;
    return apacheError(p, banner, 301, place);
  }
  for (const name of index)
    if (p.exists(path + name)) return yield* sendFile(p, banner, path + name);
  return listing ? directoryPage(p, banner, request.path, path) : apacheError(p, banner, 403);
}

function* sendFile(p: Process, banner: string, path: string): Routine<HttpResponse> {
  const bytes = yield* readFile(p, path);
  const stat = p.stat(path);
  if (isErrno(bytes) || isErrno(stat)) return apacheError(p, banner, 403);
  const modified = epochMilliseconds(stat.mtime);
  const etag = `"${bytes.length.toString(16)}-${Math.floor(modified * 1000).toString(16)}"`;
  const type = TYPES[/\.(\w+)$/.exec(path)?.[1] ?? ''];
  const headers = { 'last-modified': httpDate(modified), etag, 'accept-ranges': 'bytes' };
  const typed = type === undefined ? headers : { ...headers, 'content-type': type };
  return respond(p, banner, 200, typed, Content.ofBytes(bytes));
}

function directoryPage(p: Process, banner: string, name: string, path: string): HttpResponse {
  const entries = p.readdir(path);
  const names = isErrno(entries)
    ? []
    : entries.map((e) => (e.kind === S_IFDIR ? `${e.name}/` : e.name)).sort();
  const up = name === '/' ? '' : '<li><a href="../"> Parent Directory</a></li>\n';
  const rows = names.map((entry) => `<li><a href="${entry}"> ${entry}</a></li>\n`).join('');
  const title = `Index of ${name.length > 1 ? name.replace(/\/$/, '') : name}`;
  const html = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<html>\n <head>\n  <title>${title}</title>\n </head>\n <body>\n<h1>${title}</h1>\n<ul>${up}${rows}</ul>\n</body></html>\n`;
  const headers = { 'content-type': 'text/html;charset=ISO-8859-1' };
  return respond(p, banner, 200, headers, Content.ofText(html));
}
