// Modules of Node that are written in JavaScript: events, path, url, querystring, util, assert, timers.

const EVENTS = `
class EventEmitter {
  on(name, listener) {
    this._events ??= hidden(this, '_events', new Map());
    if (!this._events.has(name)) this._events.set(name, []);
    this._events.get(name).push(listener);
    return this;
  }
  addListener(name, listener) { return this.on(name, listener); }
  prependListener(name, listener) {
    this.on(name, listener);
    const list = this._events.get(name);
    list.unshift(list.pop());
    return this;
  }
  once(name, listener) {
    const wrapped = (...args) => {
      this.off(name, wrapped);
      return listener.apply(this, args);
    };
    wrapped.listener = listener;
    return this.on(name, wrapped);
  }
  off(name, listener) {
    const list = this._events?.get(name) ?? [];
    const at = list.findIndex((one) => one === listener || one.listener === listener);
    if (at >= 0) this._events.set(name, list.filter((_, i) => i !== at));
    return this;
  }
  removeListener(name, listener) { return this.off(name, listener); }
  removeAllListeners(name) {
    if (name === undefined) this._events?.clear();
    else this._events?.delete(name);
    return this;
  }
  emit(name, ...args) {
    const list = this._events?.get(name) ?? [];
    if (list.length === 0) {
      if (name === 'error') throw args[0] instanceof Error ? args[0] : new Error('Unhandled error. (' + args[0] + ')');
      return false;
    }
    for (const listener of list) listener.apply(this, args);
    return true;
  }
  listenerCount(name) { return (this._events?.get(name) ?? []).length; }
  listeners(name) { return [...(this._events?.get(name) ?? [])]; }
  eventNames() { return [...(this._events?.keys() ?? [])]; }
  setMaxListeners() { return this; }
}
function hidden(target, name, value) {
  Object.defineProperty(target, name, { value, enumerable: false, writable: true });
  return value;
}
EventEmitter.EventEmitter = EventEmitter;
EventEmitter.once = (emitter, name) => new Promise((resolve, reject) => {
  emitter.once(name, (...args) => resolve(args));
  if (name !== 'error') emitter.once('error', reject);
});
module.exports = EventEmitter;
`;

const PATH = `
function normalize(path) {
  const rooted = path.startsWith('/');
  const out = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out[out.length - 1] !== '..') out.pop();
    else if (part !== '..' || !rooted) out.push(part);
  }
  const tail = path.endsWith('/') && out.length > 0 ? '/' : '';
  return (rooted ? '/' : '') + out.join('/') + tail || (rooted ? '/' : '.');
}
function check(part) {
  if (typeof part !== 'string') {
    const error = new TypeError('The "path" argument must be of type string. Received ' + (part === null || part === undefined ? String(part) : 'type ' + typeof part + ' (' + String(part) + ')'));
    error.code = 'ERR_INVALID_ARG_TYPE';
    throw error;
  }
  return part;
}
const join = (...parts) => normalize(parts.map(check).filter((part) => part !== '').join('/') || '.');
function resolve(...parts) {
  let path = '';
  for (const part of [process.cwd(), ...parts.map(check)]) path = part.startsWith('/') ? part : path + '/' + part;
  const out = normalize(path);
  return out.length > 1 && out.endsWith('/') ? out.slice(0, -1) : out;
}
function basename(path, ending = '') {
  const name = check(path).replace(/\\/+$/, '').split('/').pop();
  return ending !== '' && name.endsWith(ending) && name !== ending ? name.slice(0, -ending.length) : name;
}
function dirname(path) {
  const trimmed = check(path).replace(/\\/+$/, '');
  const at = trimmed.lastIndexOf('/');
  if (at < 0) return '.';
  return at === 0 ? '/' : trimmed.slice(0, at);
}
function extname(path) {
  const name = basename(path);
  const at = name.lastIndexOf('.');
  return at <= 0 ? '' : name.slice(at);
}
function relative(from, to) {
  const a = resolve(from).split('/').filter(Boolean);
  const b = resolve(to).split('/').filter(Boolean);
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same++;
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/');
}
const parse = (path) => ({
  root: path.startsWith('/') ? '/' : '', dir: path.includes('/') ? dirname(path) : '', base: basename(path),
  ext: extname(path), name: basename(path, extname(path)),
});
const isAbsolute = (path) => check(path).startsWith('/');
module.exports = { join, resolve, basename, dirname, extname, relative, parse, isAbsolute, normalize, sep: '/', delimiter: ':' };
module.exports.posix = module.exports;
`;

const QUERYSTRING = `
const decode = (text) => decodeURIComponent(text.replace(/\\+/g, ' '));
function parse(text) {
  const out = {};
  for (const part of text.split('&').filter(Boolean)) {
    const at = part.indexOf('=');
    const key = decode(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? '' : decode(part.slice(at + 1));
    if (key in out) out[key] = [].concat(out[key], value);
    else out[key] = value;
  }
  return out;
}
const stringify = (object) => Object.entries(object)
  .flatMap(([key, value]) => [].concat(value).map((one) => encodeURIComponent(key) + '=' + encodeURIComponent(String(one)))).join('&');
module.exports = { parse, stringify, decode: parse, encode: stringify };
`;

const URL_SOURCE = `
const { parse: parseQuery } = require('querystring');
const form = (text) => encodeURIComponent(text).replace(/%20/g, '+');
class URLSearchParams {
  constructor(init = '') {
    Object.defineProperty(this, '_pairs', { value: [], enumerable: false, writable: true });
    if (typeof init === 'string')
      for (const part of init.replace(/^\\?/, '').split('&').filter(Boolean)) {
        const at = part.indexOf('=');
        const text = (value) => decodeURIComponent(value.replace(/\\+/g, ' '));
        this._pairs.push([text(at < 0 ? part : part.slice(0, at)), at < 0 ? '' : text(part.slice(at + 1))]);
      }
    else for (const [key, value] of init[Symbol.iterator] ? init : Object.entries(init)) this._pairs.push([key, String(value)]);
  }
  get(name) { return this._pairs.find(([key]) => key === name)?.[1] ?? null; }
  getAll(name) { return this._pairs.filter(([key]) => key === name).map(([, value]) => value); }
  has(name) { return this._pairs.some(([key]) => key === name); }
  append(name, value) { this._pairs.push([name, String(value)]); }
  set(name, value) { this.delete(name); this.append(name, value); }
  delete(name) { this._pairs = this._pairs.filter(([key]) => key !== name); }
  keys() { return this._pairs.map(([key]) => key)[Symbol.iterator](); }
  entries() { return this._pairs[Symbol.iterator](); }
  forEach(callee) { for (const [key, value] of this._pairs) callee(value, key); }
  [Symbol.iterator]() { return this._pairs[Symbol.iterator](); }
  toString() { return this._pairs.map(([key, value]) => form(key) + '=' + form(value)).join('&'); }
}
const PORTS = { 'http:': '80', 'https:': '443' };
class URL {
  constructor(text, base) {
    let found = /^([a-z][a-z0-9+.-]*:)\\/\\/(?:([^@/]*)@)?([^:/?#]*)(?::(\\d+))?([^?#]*)(\\?[^#]*)?(#.*)?$/i.exec(text);
    if (!found && base !== undefined) {
      const from = new URL(String(base));
      const path = text.startsWith('/') ? text : from.pathname.replace(/[^/]*$/, '') + text;
      found = /^([a-z]+:)\\/\\/(?:([^@/]*)@)?([^:/?#]*)(?::(\\d+))?([^?#]*)(\\?[^#]*)?(#.*)?$/i.exec(from.origin + path);
    }
    if (!found) {
      const error = new TypeError('Invalid URL');
      error.code = 'ERR_INVALID_URL';
      error.input = text;
      throw error;
    }
    const [, protocol, user = '', host, port = '', path, query = '', hash = ''] = found;
    this.protocol = protocol.toLowerCase();
    [this.username, this.password = ''] = user.split(':');
    this.hostname = host.toLowerCase();
    this.port = PORTS[this.protocol] === port ? '' : port;
    this.host = this.hostname + (this.port ? ':' + this.port : '');
    this.origin = this.protocol + '//' + this.host;
    this.pathname = path || '/';
    this.search = query === '?' ? '' : query;
    this.searchParams = new URLSearchParams(this.search);
    this.hash = hash;
  }
  get href() { const user = this.username ? this.username + (this.password ? ':' + this.password : '') + '@' : ''; return this.protocol + '//' + user + this.host + this.pathname + this.search + this.hash; }
  toString() { return this.href; }
  toJSON() { return this.href; }
}
function parse(text, queries = false) {
  const [, protocol = null, host = null, path = '', search = null] = /^(?:([a-z]+:)\\/\\/([^/?#]*))?([^?#]*)(\\?[^#]*)?/.exec(text);
  const query = search ? search.slice(1) : null;
  return { protocol, host, hostname: host?.split(':')[0] ?? null, port: host?.split(':')[1] ?? null, pathname: path || (host ? '/' : null), search, query: queries ? parseQuery(query ?? '') : query, path: path + (search ?? ''), href: text };
}
const fileURLToPath = (url) => decodeURIComponent(String(url).replace(/^file:\\/\\//, ''));
const pathToFileURL = (path) => new URL('file://' + path);
module.exports = { URL, URLSearchParams, parse, fileURLToPath, pathToFileURL };
`;

const UTIL = `
const { inspect, format } = require('internal/util');
const promisify = (callee) => (...args) => new Promise((resolve, reject) => {
  callee(...args, (error, value) => (error ? reject(error) : resolve(value)));
});
const callbackify = (callee) => (...args) => {
  const done = args.pop();
  callee(...args).then((value) => done(null, value), (error) => done(error));
};
const inherits = (type, parent) => { Object.setPrototypeOf(type.prototype, parent.prototype); type.super_ = parent; };
const deprecate = (callee) => callee;
const isDeepStrictEqual = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const types = { isPromise: (value) => value instanceof Promise, isDate: (value) => value instanceof Date, isRegExp: (value) => value instanceof RegExp };
module.exports = { inspect, format, promisify, callbackify, inherits, deprecate, isDeepStrictEqual, types };
`;

const ASSERT = `
const { inspect } = require('internal/util');
class AssertionError extends Error {
  constructor({ message, actual, expected, operator }) {
    super(message);
    this.code = 'ERR_ASSERTION';
    this.generatedMessage = true;
    this.actual = actual;
    this.expected = expected;
    this.operator = operator;
  }
}
AssertionError.prototype.name = 'AssertionError';
const fail = (message, otherwise, details) => {
  if (message instanceof Error) throw message;
  throw new AssertionError({ message: message ?? otherwise, ...details });
};
function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && Array.isArray(a) === Array.isArray(b) && keys.every((key) => same(a[key], b[key]));
}
function assert(value, message) {
  if (!value) fail(message, 'The expression evaluated to a falsy value', { actual: value, expected: true, operator: '==' });
}
const unequal = (a, b) => 'Expected values to be strictly equal:\\n\\n' + inspect(a) + ' !== ' + inspect(b) + '\\n';
assert.ok = assert;
assert.equal = (a, b, message) => { if (a != b) fail(message, inspect(a) + ' == ' + inspect(b), { actual: a, expected: b, operator: '==' }); };
assert.notEqual = (a, b, message) => { if (a == b) fail(message, inspect(a) + ' != ' + inspect(b), { actual: a, expected: b, operator: '!=' }); };
assert.strictEqual = (a, b, message) => { if (!Object.is(a, b)) fail(message, unequal(a, b), { actual: a, expected: b, operator: 'strictEqual' }); };
assert.notStrictEqual = (a, b, message) => { if (Object.is(a, b)) fail(message, 'Expected "actual" to be strictly unequal to: ' + inspect(b), { actual: a, expected: b, operator: 'notStrictEqual' }); };
assert.deepStrictEqual = assert.deepEqual = (a, b, message) => { if (!same(a, b)) fail(message, 'Expected values to be strictly deep-equal:\\n' + inspect(a) + '\\n\\nshould equal\\n\\n' + inspect(b), { actual: a, expected: b, operator: 'deepStrictEqual' }); };
assert.throws = (callee, wanted, message) => {
  try { callee(); } catch (error) { return; }
  fail(message, 'Missing expected exception.', { operator: 'throws' });
};
assert.rejects = async (promise, wanted, message) => {
  try { await (typeof promise === 'function' ? promise() : promise); } catch (error) { return; }
  fail(message, 'Missing expected rejection.', { operator: 'rejects' });
};
assert.AssertionError = AssertionError;
assert.strict = assert;
module.exports = assert;
`;

/** Sources by the names of modules. */
export const SOURCES: Readonly<Record<string, string>> = {
  events: EVENTS,
  path: PATH,
  'path/posix': PATH,
  querystring: QUERYSTRING,
  url: URL_SOURCE,
  util: UTIL,
  assert: ASSERT,
  'assert/strict': ASSERT,
  timers:
    'module.exports = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate };',
};
