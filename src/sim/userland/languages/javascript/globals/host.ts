// What Node adds to the language: console, process, timers, fetch and URL.

import { epochMilliseconds } from '../../../../core/time.ts';
import type { Routine } from '../../../../core/wait.ts';
import { isErrno } from '../../../../kernel/errno.ts';
import { signalNumber } from '../../../../kernel/signals.ts';
import { formatLog, inspect } from '../inspect.ts';
import { builtinModule } from '../modules/index.ts';
import { ask, isFailed, textsOf } from '../modules/http-binding.ts';
import { call, get, leaveOut, textOf } from '../operations.ts';
import { promiseOf } from '../promises.ts';
import { defineMember } from '../functions.ts';
import { JsArray, JsFunction, JsHosted, JsObject, type Value } from '../values.ts';
import type { Vm } from '../vm.ts';
import { bufferOf, bufferText, bytesOf } from './buffer.ts';
import { parseJson } from './json.ts';

/** process.exit(). */
export class Exit extends Error {
  readonly status: number;
  constructor(status: number) {
    super('exit');
    this.status = status;
  }
}

function installConsole(vm: Vm): void {
  const made = vm.object();
  const counts = new Map<string, number>();
  const starts = new Map<string, number>();
  let indent = '';
  const write = function* (args: readonly Value[], toError = false): Routine<Value> {
    const text = formatLog(vm, args);
    const lines = indent === '' ? text : text.replace(/^/gm, indent);
    const stream = toError ? vm.main.err : vm.main.out;
    yield* stream.print(`${lines}\n`);
    yield* stream.flush();
    return undefined;
  };
  const label = (value: Value): string => (value === undefined ? 'default' : String(value));
  vm.methods(made, {
    log: (_vm, args) => write(args),
    info: (_vm, args) => write(args),
    debug: (_vm, args) => write(args),
    error: (_vm, args) => write(args, true),
    warn: (_vm, args) => write(args, true),
    dir: (_vm, [value]) => write([inspect(vm, value)]),
    *trace(_vm, args) {
      const { value } = vm.error('Error', formatLog(vm, args));
      const stack = yield* textOf(vm, yield* get(vm, value, 'stack'));
      return yield* write([stack.replace(/^Error/, 'Trace')], true);
    },
    *assert(_vm, [value, ...rest]) {
      return value
        ? undefined
        : yield* write([`Assertion failed${rest.length > 0 ? ':' : ''}`, ...rest], true);
    },
    *count(_vm, [name]) {
      const next = (counts.get(label(name)) ?? 0) + 1;
      counts.set(label(name), next);
      return yield* write([`${label(name)}: ${next}`]);
    },
    time: (_vm, [name]) => {
      starts.set(label(name), vm.process.now);
      return undefined;
    },
    *timeEnd(_vm, [name]) {
      const taken = (vm.process.now - (starts.get(label(name)) ?? vm.process.now)) / 1e6;
      return yield* write([
        `${label(name)}: ${taken < 1000 ? `${Number(taken.toPrecision(4))}ms` : `${(taken / 1000).toFixed(3)}s`}`,
      ]);
    },
    *group(_vm, args) {
      if (args.length > 0) yield* write(args);
      indent += '  ';
      return undefined;
    },
    groupEnd: () => {
      indent = indent.slice(2);
      return undefined;
    },
  });
  leaveOut(made, ['table']);
  vm.global.hide('console', made);
}

function stream(vm: Vm, fd: 1 | 2): JsObject {
  const made = vm.object([
    ['fd', fd],
    ['isTTY', vm.process.isTerminal(fd) ? true : undefined],
    ['columns', vm.process.isTerminal(fd) ? 80 : undefined],
  ]);
  vm.methods(made, {
    *write(_vm, [piece]) {
      const writer = fd === 1 ? vm.main.out : vm.main.err;
      yield* writer.print(typeof piece === 'string' ? piece : bytesOf(vm, piece));
      yield* writer.flush();
      return true;
    },
    on: (_vm, _args, self) => self,
    once: (_vm, _args, self) => self,
  });
  return made;
}

/** Listeners of process, and the signals that they wait for. */
function processEvents(vm: Vm, made: JsObject): void {
  const listeners = new Map<string, Value[]>();
  const emit = function* (name: string, args: readonly Value[]): Routine<boolean> {
    const list = listeners.get(name) ?? [];
    for (const listener of list) yield* call(vm, listener, made, args);
    return list.length > 0;
  };
  const on = (name: string, listener: Value): void => {
    listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    const number = /^SIG/.test(name) ? signalNumber(name.slice(3)) : undefined;
    if (number === undefined) return;
    vm.process.sigaction(
      number,
      () =>
        vm.post(function* () {
          yield* emit(name, [name, number]);
        }),
      true,
    );
  };
  vm.methods(made, {
    on: (_vm, [name, listener], self) => {
      on(String(name), listener);
      return self;
    },
    once: (_vm, [name, listener], self) => {
      on(String(name), listener);
      return self;
    },
    off: (_vm, [name, listener], self) => {
      listeners.set(
        String(name),
        (listeners.get(String(name)) ?? []).filter((one) => one !== listener),
      );
      return self;
    },
    emit: (_vm, [name, ...args]) => emit(String(name), args),
    listenerCount: (_vm, [name]) => (listeners.get(String(name)) ?? []).length,
  });
}

function installProcess(vm: Vm): void {
  const { process } = vm;
  const env = vm.object([...process.environment]);
  const release = vm.object([['name', 'node']]);
  const made = vm.object([
    ['title', 'node'],
    ['version', `v${vm.version}`],
    ['versions', vm.object([['node', vm.version]])],
    ['arch', 'x64'],
    ['platform', 'linux'],
    ['release', release],
    ['argv', vm.array([])],
    ['execArgv', vm.array([])],
    ['env', env],
    ['pid', process.pid],
    ['ppid', process.ppid],
    ['execPath', '/usr/local/bin/node'],
    ['exitCode', undefined],
    ['stdout', stream(vm, 1)],
    ['stderr', stream(vm, 2)],
  ]);
  processEvents(vm, made);
  vm.methods(made, {
    cwd: () => {
      const path = process.getcwd();
      return isErrno(path) ? '/' : path;
    },
    chdir: (_vm, [path]) => {
      const failed = process.chdir(String(path));
      if (failed)
        throw vm.error(
          'Error',
          `${failed.name}: ${failed.message.toLowerCase()}, chdir '${String(path)}'`,
          { code: failed.name },
        );
      return undefined;
    },
    *exit(_vm, [code]) {
      const given = code ?? (yield* get(vm, made, 'exitCode'));
      throw new Exit(Number(given ?? 0));
    },
    kill: (_vm, [pid, signal]) => {
      const number =
        typeof signal === 'number'
          ? signal
          : signalNumber(String(signal ?? 'SIGTERM').replace(/^SIG/, ''));
      const failed = process.kill(Number(pid), number ?? 15);
      if (failed)
        throw vm.error('Error', `kill ${failed.name}`, { code: failed.name, syscall: 'kill' });
      return true;
    },
    uptime: () => process.now / 1e9,
    hrtime: () => vm.array([Math.floor(process.now / 1e9), process.now % 1e9]),
    getuid: () => process.uid,
    getgid: () => process.gid,
    memoryUsage: () =>
      vm.object([
        ['rss', 40_000_000],
        ['heapTotal', 6_000_000],
        ['heapUsed', 5_000_000],
      ]),
    nextTick: (_vm, [callee, ...args]) => {
      vm.ticks.push(function* () {
        yield* call(vm, callee, undefined, args);
      });
      return undefined;
    },
  });
  made.own('memoryUsage');
  leaveOut(made, ['stdin', 'binding', 'report']);
  vm.global.hide('process', made);
}

function installTimers(vm: Vm): void {
  const kind = vm.proto('Timeout');
  const start = (args: readonly Value[], repeats: boolean): Value => {
    const [callee, delay, ...rest] = args;
    const wait = Math.max(1, Number(delay ?? 1) || 1) * 1e6;
    const id = vm.nextTimer++;
    vm.timers.set(id, {
      id,
      at: vm.process.now + wait,
      every: repeats ? wait : undefined,
      weak: false,
      *run() {
        yield* call(vm, callee, undefined, rest);
      },
    });
    return new JsHosted(kind, 'Timeout', id);
  };
  const idOf = (value: Value): number =>
    value instanceof JsHosted && value.kind === 'Timeout' ? Number(value.host) : Number(value);
  vm.methods(kind, {
    unref: (_vm, _args, self) => {
      const timer = vm.timers.get(idOf(self));
      if (timer) timer.weak = true;
      return self;
    },
    ref: (_vm, _args, self) => self,
    hasRef: () => true,
  });
  kind.hide(
    Symbol.toPrimitive,
    vm.fn('', (_vm, _args, self) => idOf(self)),
  );
  const stop = (_vm: Vm, [timer]: readonly Value[]): Value => {
    if (timer instanceof JsHosted) vm.timers.delete(idOf(timer));
    return undefined;
  };
  vm.methods(vm.global, {
    setTimeout: (_vm, args) => start(args, false),
    setInterval: (_vm, args) => start(args, true),
    setImmediate: (_vm, [callee, ...args]) => {
      vm.post(function* () {
        yield* call(vm, callee, undefined, args);
      });
      return undefined;
    },
    clearTimeout: stop,
    clearInterval: stop,
    clearImmediate: stop,
    queueMicrotask: (_vm, [callee]) => {
      vm.jobs.push(function* () {
        yield* call(vm, callee, undefined, []);
      });
      return undefined;
    },
    encodeURIComponent: (_vm, [text]) => encodeURIComponent(String(text)),
    decodeURIComponent: (_vm, [text]) => decodeURIComponent(String(text)),
    encodeURI: (_vm, [text]) => encodeURI(String(text)),
    decodeURI: (_vm, [text]) => decodeURI(String(text)),
    structuredClone: (_vm, [value]) => cloned(vm, value),
    fetch: (_vm, args) => fetchUrl(vm, args),
  });
  const clock = vm.object();
  vm.methods(clock, { now: () => vm.process.now / 1e6 });
  clock.put('timeOrigin', epochMilliseconds(vm.process.now));
  vm.global.hide('performance', clock);
}

function cloned(vm: Vm, value: Value): Value {
  if (value instanceof JsArray) return vm.array(value.items.map((item) => cloned(vm, item)));
  if (!(value instanceof JsObject) || value instanceof JsFunction || value instanceof JsHosted)
    return value;
  return vm.object(
    [...value.properties].map(([key, property]) => [key, cloned(vm, property.value)]),
  );
}

/** fetch(): one request; the answer's body is whole. */
function* fetchUrl(vm: Vm, [input, options]: readonly Value[]): Routine<Value> {
  const url = yield* textOf(vm, input);
  const { promise, resolve, reject } = promiseOf(vm);
  const [, scheme = '', host = '', port, path = '/'] =
    /^(https?):\/\/([^:/?#]+)(?::(\d+))?([^#]*)/.exec(url) ?? [];
  const read = function* (name: string): Routine<Value> {
    return options instanceof JsObject ? yield* get(vm, options, name) : undefined;
  };
  const method = String((yield* read('method')) ?? 'GET').toUpperCase();
  const headers = yield* textsOf(vm, yield* read('headers'));
  const given = yield* read('body');
  const body = given === undefined || given === null ? new Uint8Array(0) : bytesOf(vm, given);
  const secure = scheme === 'https';
  if (scheme === '') {
    yield* reject(vm.error('TypeError', `Failed to parse URL from ${url}`).value);
    return promise;
  }
  const target = path.startsWith('/') ? path : `/${path}`;
  const asking = {
    host,
    port: Number(port ?? (secure ? 443 : 80)),
    method,
    path: target,
    headers,
    body,
    secure,
  };
  vm.background(
    (thread) => ask(thread, asking),
    function* (result) {
      if (!isFailed(result)) {
        yield* resolve(responseOf(vm, url, result.status, result.headers, result.body));
        return;
      }
      const cause = vm.error('Error', result.text, {
        code: result.code,
        syscall: result.syscall,
      }).value;
      yield* reject(vm.error('TypeError', 'fetch failed', { cause }).value);
    },
  );
  return promise;
}

function responseOf(
  vm: Vm,
  url: string,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): JsObject {
  const head = vm.object();
  vm.methods(head, {
    get: (_vm, [name]) => headers[String(name).toLowerCase()] ?? null,
    has: (_vm, [name]) => String(name).toLowerCase() in headers,
  });
  const made = vm.object([
    ['status', status],
    ['ok', status >= 200 && status < 300],
    ['url', url],
    ['headers', head],
  ]);
  const later = function* (value: () => Value): Routine<Value> {
    const { promise, resolve, reject } = promiseOf(vm);
    try {
      yield* resolve(value());
    } catch (error) {
      if (!(error instanceof Error && 'value' in error)) throw error;
      yield* reject(error.value as Value);
    }
    return promise;
  };
  vm.methods(made, {
    text: () => later(() => bufferText(vm, body, 'utf8')),
    json: () => later(() => parseJson(vm, bufferText(vm, body, 'utf8'))),
    arrayBuffer: () => later(() => bufferOf(vm, body)),
  });
  return made;
}

function installUrl(vm: Vm): void {
  for (const name of ['URL', 'URLSearchParams'])
    defineMember(
      vm.global,
      name,
      'get',
      vm.fn(name, function* () {
        return yield* get(vm, yield* builtinModule(vm, 'url'), name);
      }),
      false,
    );
}

/** All of this file. */
export function installHost(vm: Vm): void {
  installConsole(vm);
  installProcess(vm);
  installTimers(vm);
  installUrl(vm);
  vm.global.hide('globalThis', vm.global);
  vm.global.hide('global', vm.global);
}
