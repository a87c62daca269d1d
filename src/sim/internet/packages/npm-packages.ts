// Packages of the npm registry: small ones of the same interface as the real ones, in JavaScript. Each says what it
// leaves out.

/** A version of a package with its files. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly description: string;
  /** Bytes when unpacked, of the real one. */
  readonly size: number;
  readonly files: Readonly<Record<string, string>>;
}

const EXPRESS = `'use strict';
// express: routing, middleware, json and urlencoded bodies, static files. Template engines and sub-apps' settings are left out.
const http = require('http');
const fs = require('fs');
const path = require('path');
const { parse: parseQuery } = require('querystring');

const TYPES = { '.html': 'text/html; charset=UTF-8', '.css': 'text/css; charset=UTF-8', '.js': 'application/javascript; charset=UTF-8', '.json': 'application/json; charset=UTF-8', '.txt': 'text/plain; charset=UTF-8', '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon' };
const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'all'];
const escapeHtml = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

function compile(pattern, whole) {
  if (pattern instanceof RegExp) return { test: pattern, names: [] };
  const names = [];
  const source = pattern.replace(/\\/$/, '').replace(/[.+^\${}()|[\\]\\\\]/g, '\\\\$&').replace(/\\*/g, '.*').replace(/:(\\w+)\\??/g, (_, name) => { names.push(name); return '([^/]+)'; });
  return { test: new RegExp('^' + source + (whole ? '/?$' : '(?=/|$)'), 'i'), names };
}

function Router() {
  const layers = [];
  function router(req, res, out) {
    let at = 0;
    const original = req.url;
    const base = req.baseUrl || '';
    function next(error) {
      req.url = original;
      req.baseUrl = base;
      const layer = layers[at++];
      if (!layer) return out(error === 'route' ? undefined : error);
      const { pathname } = splitUrl(req.url);
      const found = layer.test.exec(pathname);
      const wanted = layer.method === undefined || layer.method === 'all' || layer.method === req.method.toLowerCase() || (layer.method === 'get' && req.method === 'HEAD');
      const handles = layer.handler.length === 4;
      if (!found || !wanted || handles !== (error !== undefined)) return next(error);
      if (layer.names.length > 0 || !req.params) req.params = { ...req.params, ...Object.fromEntries(layer.names.map((name, i) => [name, decodeURIComponent(found[i + 1] ?? '')])) };
      if (layer.mount && found[0].length > 0) {
        req.baseUrl = base + found[0];
        req.url = original.slice(found[0].length) || '/';
        if (!req.url.startsWith('/')) req.url = '/' + req.url;
      }
      try {
        const result = handles ? layer.handler(error, req, res, next) : layer.handler(req, res, next);
        if (result && typeof result.then === 'function') result.then(undefined, next);
      } catch (thrown) {
        next(thrown);
      }
    }
    next();
  }
  const add = (method, pattern, handlers, mount) => {
    for (const handler of handlers.flat(Infinity)) {
      if (typeof handler !== 'function') throw new TypeError('Route.' + (method ?? 'use') + '() requires a callback function but got a [object ' + (handler === undefined ? 'Undefined' : 'Object') + ']');
      layers.push({ method, ...compile(pattern, !mount), handler: handler.handle ?? handler, mount });
    }
  };
  router.use = (first, ...rest) => {
    if (typeof first === 'function' || Array.isArray(first)) add(undefined, '', [first, ...rest], true);
    else add(undefined, first, rest, true);
    return router;
  };
  for (const method of METHODS)
    router[method] = (pattern, ...handlers) => {
      add(method, pattern, handlers, false);
      return router;
    };
  router.route = (pattern) => {
    const chain = {};
    for (const method of METHODS) chain[method] = (...handlers) => { add(method, pattern, handlers, false); return chain; };
    return chain;
  };
  return router;
}

function splitUrl(url) {
  const at = url.indexOf('?');
  return at < 0 ? { pathname: url, query: '' } : { pathname: url.slice(0, at), query: url.slice(at + 1) };
}

function extend(app, req, res) {
  req.app = res.app = app;
  req.res = res;
  res.req = req;
  req.originalUrl = req.url;
  const { pathname, query } = splitUrl(req.url);
  req.path = pathname;
  req.query = parseQuery(query);
  req.hostname = (req.headers.host ?? '').split(':')[0];
  req.protocol = 'http';
  req.ip = req.socket.remoteAddress;
  req.get = req.header = (name) => req.headers[name.toLowerCase()];
  res.locals = {};
  res.status = (code) => { res.statusCode = code; return res; };
  res.set = res.header = (name, value) => {
    if (typeof name === 'object') for (const [key, one] of Object.entries(name)) res.setHeader(key, one);
    else res.setHeader(name, String(value));
    return res;
  };
  res.get = (name) => res.getHeader(name);
  res.type = (name) => res.set('Content-Type', name.includes('/') ? name : TYPES['.' + name] ?? name);
  res.send = (body) => {
    if (typeof body === 'object' && body !== null && !Buffer.isBuffer(body)) return res.json(body);
    const content = Buffer.isBuffer(body) ? body : Buffer.from(body === undefined ? '' : String(body));
    if (!res.hasHeader('content-type')) res.set('Content-Type', Buffer.isBuffer(body) ? 'application/octet-stream' : 'text/html; charset=utf-8');
    res.set('Content-Length', content.length);
    if (!res.hasHeader('etag') && app.enabled('etag')) res.set('ETag', etag(content));
    res.end(req.method === 'HEAD' ? undefined : content);
    return res;
  };
  res.json = (value) => {
    if (!res.hasHeader('content-type')) res.set('Content-Type', 'application/json; charset=utf-8');
    return res.send(JSON.stringify(value, undefined, app.get('json spaces')));
  };
  res.sendStatus = (code) => { res.statusCode = code; res.type('txt'); return res.send(http.STATUS_CODES[code] ?? String(code)); };
  res.redirect = (status, url) => {
    if (url === undefined) [status, url] = [302, status];
    res.statusCode = status;
    res.set('Location', url);
    res.type('txt');
    return res.send(http.STATUS_CODES[status] + '. Redirecting to ' + url);
  };
  res.sendFile = (file, options, done) => {
    const full = options?.root ? path.join(options.root, file) : file;
    fs.readFile(full, (error, content) => {
      if (error) { error.status = 404; return (done ?? options ?? app._fail(req, res))(error); }
      res.set('Content-Type', TYPES[path.extname(full)] ?? 'application/octet-stream');
      res.send(content);
    });
  };
}

function etag(content) {
  const digest = require('crypto').createHash('sha1').update(content).digest('base64').slice(0, 27);
  return 'W/"' + content.length.toString(16) + '-' + digest + '"';
}

function finish(app, req, res) {
  return (error) => {
    if (res.headersSent) return;
    const status = error ? error.status ?? error.statusCode ?? 500 : 404;
    const text = error ? (process.env.NODE_ENV === 'production' ? http.STATUS_CODES[status] : error.stack ?? String(error)) : 'Cannot ' + req.method + ' ' + splitUrl(req.originalUrl).pathname;
    if (error && status >= 500) console.error(error.stack ?? String(error));
    const body = '<!DOCTYPE html>\\n<html lang="en">\\n<head>\\n<meta charset="utf-8">\\n<title>Error</title>\\n</head>\\n<body>\\n<pre>' + escapeHtml(text).replace(/\\n/g, '<br>').replace(/  /g, ' &nbsp;') + '</pre>\\n</body>\\n</html>\\n';
    res.statusCode = status;
    res.set('Content-Security-Policy', "default-src 'none'");
    res.set('X-Content-Type-Options', 'nosniff');
    res.set('Content-Type', 'text/html; charset=utf-8');
    res.set('Content-Length', Buffer.byteLength(body));
    res.end(body);
  };
}

function express() {
  const settings = new Map([['x-powered-by', true], ['etag', true], ['env', process.env.NODE_ENV || 'development']]);
  const router = Router();
  const app = (req, res, next) => {
    extend(app, req, res);
    if (app.enabled('x-powered-by')) res.setHeader('X-Powered-By', 'Express');
    router(req, res, next ?? finish(app, req, res));
  };
  app.handle = (req, res, next) => router(req, res, next);
  app._fail = (req, res) => finish(app, req, res);
  app.use = (...args) => { router.use(...args); return app; };
  app.route = (pattern) => router.route(pattern);
  for (const method of METHODS)
    app[method] = (pattern, ...handlers) => {
      if (method === 'get' && handlers.length === 0) return settings.get(pattern);
      router[method](pattern, ...handlers);
      return app;
    };
  app.set = (name, value) => { settings.set(name, value); return app; };
  app.enable = (name) => app.set(name, true);
  app.disable = (name) => app.set(name, false);
  app.enabled = (name) => Boolean(settings.get(name));
  app.disabled = (name) => !app.enabled(name);
  app.locals = {};
  app.listen = (...args) => http.createServer(app).listen(...args);
  return app;
}

const reads = (wanted, parse) => () => (req, res, next) => {
  if (req.body !== undefined || !(req.headers['content-type'] ?? '').includes(wanted)) {
    req.body ??= {};
    return next();
  }
  let text = '';
  req.setEncoding('utf8');
  req.on('data', (piece) => { text += piece; });
  req.on('end', () => {
    try {
      req.body = text === '' ? {} : parse(text);
    } catch (error) {
      error.status = 400;
      return next(error);
    }
    next();
  });
};

express.json = reads('application/json', JSON.parse);
express.urlencoded = reads('application/x-www-form-urlencoded', parseQuery);
express.text = reads('text/plain', (text) => text);
express.Router = Router;
express.static = (root) => (req, res, next) => {
  if (req.method !== 'GET' && req.method !== 'HEAD') return next();
  let file = path.join(root, decodeURIComponent(splitUrl(req.url).pathname));
  fs.stat(file, (error, stat) => {
    if (error) return next();
    if (stat.isDirectory()) file = path.join(file, 'index.html');
    fs.readFile(file, (failed, content) => {
      if (failed) return next();
      res.set('Accept-Ranges', 'bytes');
      res.set('Cache-Control', 'public, max-age=0');
      res.set('Content-Type', TYPES[path.extname(file)] ?? 'application/octet-stream');
      res.send(content);
    });
  });
};
module.exports = express;
`;

const UUID = `'use strict';
// uuid: version 4, and validate.
const { randomUUID } = require('crypto');
const validate = (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(text);
module.exports = { v4: () => randomUUID(), validate, NIL: '00000000-0000-0000-0000-000000000000' };
`;

const DOTENV = `'use strict';
// dotenv: reads .env into process.env; what is set already stays.
const fs = require('fs');
const path = require('path');
function parse(text) {
  const out = {};
  for (const line of String(text).split('\\n')) {
    const found = /^\\s*(?:export\\s+)?([\\w.-]+)\\s*=\\s*(.*?)\\s*$/.exec(line);
    if (found) out[found[1]] = found[2].replace(/^(['"])(.*)\\1$/, '$2');
  }
  return out;
}
function config(options = {}) {
  try {
    const parsed = parse(fs.readFileSync(options.path ?? path.resolve(process.cwd(), '.env'), 'utf8'));
    for (const [key, value] of Object.entries(parsed)) if (!(key in process.env)) process.env[key] = value;
    return { parsed };
  } catch (error) {
    return { error, parsed: {} };
  }
}
module.exports = { config, parse };
`;

const CORS = `'use strict';
// cors: allows other origins; options origin and methods.
module.exports = (options = {}) => (req, res, next) => {
  res.setHeader('Access-Control-Allow-Origin', options.origin ?? '*');
  if (req.method !== 'OPTIONS') return next();
  res.setHeader('Access-Control-Allow-Methods', options.methods ?? 'GET,HEAD,PUT,PATCH,POST,DELETE');
  res.statusCode = 204;
  res.setHeader('Content-Length', '0');
  res.end();
};
`;

const MORGAN = `'use strict';
// morgan: the formats tiny, short, combined and dev (without colours).
module.exports = (format) => (req, res, next) => {
  const start = Date.now();
  const url = req.originalUrl ?? req.url;
  res.on('finish', () => {
    const size = res.getHeader('content-length') ?? '-';
    const time = (Date.now() - start).toFixed(3);
    if (format === 'tiny' || format === 'dev') console.log(req.method + ' ' + url + ' ' + res.statusCode + ' ' + size + ' - ' + time + ' ms');
    else console.log(req.socket.remoteAddress + ' - - [' + new Date().toUTCString() + '] "' + req.method + ' ' + url + ' HTTP/1.1" ' + res.statusCode + ' ' + size + (format === 'short' ? ' - ' + time + ' ms' : ' "-" "' + (req.headers['user-agent'] ?? '-') + '"'));
  });
  next();
};
`;

const MS = `'use strict';
// ms: texts to milliseconds and back.
const UNITS = { s: 1000, m: 60000, h: 3600000, d: 86400000 };
module.exports = (value) => {
  if (typeof value === 'number') {
    for (const unit of ['d', 'h', 'm', 's']) if (Math.abs(value) >= UNITS[unit]) return Math.round(value / UNITS[unit]) + unit;
    return value + 'ms';
  }
  const found = /^(-?[\\d.]+)\\s*(ms|[smhd])?/.exec(value);
  return found ? Number(found[1]) * (UNITS[found[2]] ?? 1) : undefined;
};
`;

const one = (
  name: string,
  version: string,
  size: number,
  source: string,
  description: string,
): NpmPackage => ({
  name,
  version,
  license: 'MIT',
  description,
  size,
  files: {
    'index.js': source,
    'package.json': `${JSON.stringify({ name, version, description, license: 'MIT', main: 'index.js' }, undefined, 2)}\n`,
  },
});

export const NPM_PACKAGES: readonly NpmPackage[] = [
  one('express', '4.21.2', 221_000, EXPRESS, 'Fast, unopinionated, minimalist web framework'),
  one('express', '5.2.1', 75_000, EXPRESS, 'Fast, unopinionated, minimalist web framework'),
  one('uuid', '9.0.1', 134_000, UUID, 'RFC4122 (v1, v4, and v5) UUIDs'),
  one('dotenv', '16.6.1', 79_000, DOTENV, 'Loads environment variables from .env file'),
  one('cors', '2.8.5', 20_000, CORS, 'Node.js CORS middleware'),
  one('morgan', '1.10.1', 32_000, MORGAN, 'HTTP request logger middleware for node.js'),
  one('ms', '2.1.3', 6_700, MS, 'Tiny millisecond conversion utility'),
];
