// The module http, in JavaScript over what the interpreter has of HTTP: servers, requests and fetch's answers.

export const HTTP_SOURCE = `
const EventEmitter = require('events');
const binding = require('internal/http');
const { STATUS_CODES, METHODS } = binding;

class IncomingMessage extends EventEmitter {
  constructor(given) {
    super();
    Object.assign(this, given);
    this.complete = false;
    this.socket = { remoteAddress: given.remoteAddress, remotePort: given.remotePort, encrypted: false };
    this.connection = this.socket;
  }
  setEncoding(encoding) { this._encoding = encoding; return this; }
  on(name, listener) {
    super.on(name, listener);
    if (name === 'data' || name === 'end') this.resume();
    return this;
  }
  resume() {
    if (this._flowing) return this;
    this._flowing = true;
    process.nextTick(() => {
      if (this._body.length > 0) this.emit('data', this._encoding ? this._body.toString() : this._body);
      this.complete = true;
      this.emit('end');
      this.emit('close');
    });
    return this;
  }
  pause() { return this; }
  pipe(target) { this.on('data', (piece) => target.write(piece)); this.on('end', () => target.end()); return target; }
  destroy() { return this; }
  async *[Symbol.asyncIterator]() {
    this._flowing = true;
    if (this._body.length > 0) yield this._encoding ? this._body.toString() : this._body;
  }
}

class ServerResponse extends EventEmitter {
  constructor(request, handle) {
    super();
    this.req = request;
    this._handle = handle;
    this._headers = new Map();
    this.statusCode = 200;
    this.statusMessage = undefined;
    this.headersSent = false;
    this.finished = false;
    this.writableEnded = false;
    this.sendDate = true;
  }
  setOwn(name, value) { this._headers.set(name.toLowerCase(), [name, value]); }
  setHeader(name, value) {
    if (this.headersSent) throw headersError('set');
    this._headers.set(String(name).toLowerCase(), [name, value]);
    return this;
  }
  getHeader(name) { return this._headers.get(name.toLowerCase())?.[1]; }
  getHeaders() { return Object.fromEntries([...this._headers].map(([key, [, value]]) => [key, value])); }
  hasHeader(name) { return this._headers.has(name.toLowerCase()); }
  removeHeader(name) { this._headers.delete(name.toLowerCase()); }
  writeHead(status, message, headers) {
    if (this.headersSent) throw headersError('write');
    if (typeof message === 'object') headers = message;
    this.statusCode = status;
    for (const [name, value] of Object.entries(headers ?? {})) this.setHeader(name, value);
    this._headWritten = true;
    return this;
  }
  flushHeaders() { this._send(); }
  _send() {
    if (this.headersSent) return;
    this.headersSent = true;
    const length = this._headers.get('content-length');
    this._headers.delete('content-length');
    if (this.sendDate && !this._headers.has('date')) this.setOwn('Date', new Date().toUTCString());
    if (!this._headers.has('connection')) {
      const closes = this.req.headers.connection === 'close';
      this.setOwn('Connection', closes ? 'close' : 'keep-alive');
      if (!closes) this.setOwn('Keep-Alive', 'timeout=5');
    }
    if (length) this._headers.set('content-length', length);
    this._handle.head(this.statusCode, [...this._headers.values()].map(([name, value]) => [String(name), Array.isArray(value) ? value.join(', ') : String(value)]));
  }
  write(piece, encoding, done) {
    this._send();
    this._handle.write(typeof piece === 'string' ? Buffer.from(piece) : piece);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  }
  end(piece, encoding, done) {
    if (this.writableEnded) return this;
    if (typeof piece === 'function') { done = piece; piece = undefined; }
    const content = piece === undefined || piece === null ? Buffer.alloc(0) : typeof piece === 'string' ? Buffer.from(piece) : piece;
    if (!this.headersSent) {
      if (!this._headers.has('content-length') && !this._headers.has('transfer-encoding')) this._headers.set('content-length', ['Content-Length', content.length]);
      this._send();
    }
    this._handle.end(content);
    this.writableEnded = true;
    this.finished = true;
    process.nextTick(() => { this.emit('finish'); this.emit('close'); if (typeof done === 'function') done(); });
    return this;
  }
}

function headersError(what) {
  const error = new Error('Cannot ' + what + ' headers after they are sent to the client');
  error.code = 'ERR_HTTP_HEADERS_SENT';
  return error;
}

class Server extends EventEmitter {
  constructor(options, listener) {
    super();
    const handler = typeof options === 'function' ? options : listener;
    if (handler) this.on('request', handler);
    this.listening = false;
  }
  listen(...args) {
    const done = typeof args[args.length - 1] === 'function' ? args.pop() : undefined;
    let [port = 0, host] = args;
    if (typeof port === 'object' && port !== null) ({ port = 0, host } = port);
    if (typeof host !== 'string') host = '';
    if (done) this.once('listening', done);
    const failed = binding.listen(this, Number(port), host, (given, handle) => {
      const request = new IncomingMessage(given);
      const response = new ServerResponse(request, handle);
      this.emit('request', request, response);
    });
    process.nextTick(() => {
      if (failed) this.emit('error', failed);
      else { this.listening = true; this.emit('listening'); }
    });
    return this;
  }
  address() { return binding.address(this); }
  close(done) {
    if (done) this.once('close', done);
    binding.close(this);
    this.listening = false;
    process.nextTick(() => this.emit('close'));
    return this;
  }
  closeAllConnections() {}
  closeIdleConnections() {}
  setTimeout() { return this; }
  ref() { return this; }
  unref() { binding.unref(this); return this; }
}

class ClientRequest extends EventEmitter {
  constructor(options, listener) {
    super();
    this._options = options;
    this._pieces = [];
    this._headers = { ...options.headers };
    if (listener) this.once('response', listener);
  }
  setHeader(name, value) { this._headers[name] = value; }
  write(piece) { this._pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece); return true; }
  end(piece) {
    if (piece !== undefined) this.write(piece);
    binding.request({ ...this._options, headers: this._headers, body: Buffer.concat(this._pieces) }, (error, answer) => {
      if (error) this.emit('error', error);
      else this.emit('response', new IncomingMessage(answer));
    });
    return this;
  }
  setTimeout() { return this; }
  destroy() { return this; }
}

function optionsOf(url, options) {
  const given = typeof url === 'string' || url instanceof URL ? new URL(String(url)) : undefined;
  const from = given ? { host: given.hostname, port: given.port || 80, path: given.pathname + given.search } : { ...url };
  const all = { method: 'GET', path: '/', ...from, ...(given ? options : {}) };
  all.host = all.hostname ?? all.host ?? 'localhost';
  all.port = Number(all.port ?? 80);
  return all;
}
function request(url, options, listener) {
  if (typeof options === 'function') { listener = options; options = {}; }
  return new ClientRequest(optionsOf(url, options ?? {}), listener);
}
const get = (url, options, listener) => request(url, options, listener).end();
const createServer = (options, listener) => new Server(options, listener);
module.exports = { createServer, Server, IncomingMessage, ServerResponse, ClientRequest, request, get, STATUS_CODES, METHODS, Agent: class Agent {} };
`;
