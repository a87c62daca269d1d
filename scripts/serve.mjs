// Serves dist/ as GitHub Pages does: static files, index.html of folders, 404.html, under the base path it was built for,
// text compressed for whoever takes it so.

import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from './install.mjs';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/** Pictures and fonts are compressed already. */
const COMPRESSED = /^text\/|javascript|json|xml|wasm/;

const base = (process.env.DRYDOCK_BASE ?? '/').replace(/\/?$/, '/');
const dist = join(root, 'dist');

/** The file a path of the site stands for; undefined where there is none. */
function fileOf(path) {
  if (!path.startsWith(base)) return undefined;
  const file = normalize(join(dist, decodeURIComponent(path.slice(base.length))));
  if (file !== dist && !file.startsWith(dist + sep)) return undefined;
  if (!existsSync(file)) return undefined;
  if (!statSync(file).isDirectory()) return file;
  const index = join(file, 'index.html');
  return existsSync(index) ? index : undefined;
}

/** Compressed files with the time of what they were made of, as a content delivery network keeps them. */
const compressed = new Map();

function gzipped(file) {
  const { mtimeMs } = statSync(file);
  const kept = compressed.get(file);
  if (kept?.mtimeMs === mtimeMs) return kept.bytes;
  const bytes = gzipSync(readFileSync(file));
  compressed.set(file, { mtimeMs, bytes });
  return bytes;
}

const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const file = fileOf(path);
  const missing = join(dist, '404.html');
  const send = file ?? (existsSync(missing) ? missing : undefined);
  const type = TYPES[extname(send ?? '.txt')] ?? 'application/octet-stream';
  const zip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '') && COMPRESSED.test(type);
  response.writeHead(file ? 200 : 404, {
    'content-type': type,
    'cache-control': 'no-cache',
    vary: 'accept-encoding',
    ...(zip ? { 'content-encoding': 'gzip' } : {}),
  });
  if (!send) response.end('not found\n');
  else if (zip) response.end(gzipped(send));
  else createReadStream(send).pipe(response);
});

const wanted = Number(process.env.PORT ?? process.argv[2] ?? 4321);
server.on('error', (error) => {
  if (error.code !== 'EADDRINUSE') throw error;
  server.listen(0, '127.0.0.1');
});
server.on('listening', () => {
  console.log(`Drydock is at http://127.0.0.1:${server.address().port}${base}`);
});
server.listen(wanted, '127.0.0.1');
