// time, signal, subprocess and threading: waiting, and other processes and threads.

import { concatBytes, decode, encode } from '../../../../core/text.ts';
import { epochMilliseconds } from '../../../../core/time.ts';
import { type Routine, WaitQueue, waitOn } from '../../../../core/wait.ts';
import { ENOENT, EACCES, isErrno } from '../../../../kernel/errno.ts';
import { O_CREAT, O_RDWR } from '../../../../kernel/files/open-file.ts';
import { signalNumber } from '../../../../kernel/signals.ts';
import { findProgram, spawn, waitFor } from '../../../libc/spawn.ts';
import { momentOf, strftime } from '../../../libc/strftime.ts';
import { writeAll } from '../../../libc/whole-file.ts';
import { bytesOf, integer, natives, real, text } from '../arguments.ts';
import { callValue } from '../call.ts';
import { exceptionClass, osError, PyException, PyRaise, raise } from '../errors.ts';
import { runHandlers } from '../execute.ts';
import { pathOf } from '../files.ts';
import { listOf, truth } from '../operators.ts';
import {
  classValue,
  type Keywords,
  methods,
  objectClass,
  PyClass,
  PyDict,
  PyHosted,
  PyObject,
  PyTuple,
  type Value,
} from '../values.ts';
import type { Vm } from '../vm.ts';
import { currentEnvironment } from './os.ts';

const seconds = (vm: Vm): number => epochMilliseconds(vm.process.now) / 1000;

/** A moment as time.localtime gives it: here a tuple of nine. */
function brokenDown(at: number): PyTuple {
  const date = new Date(Math.floor(at) * 1000);
  const start = Date.UTC(date.getUTCFullYear(), 0, 1);
  const parts = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    (date.getUTCDay() + 6) % 7,
    Math.floor((date.getTime() - start) / 86_400_000) + 1,
    0,
  ];
  return new PyTuple(parts.map((part) => BigInt(part)));
}

function momentOfTuple(value: Value | undefined, now: number): number {
  if (!(value instanceof PyTuple)) return now;
  const [y, mo, d, h, mi, s] = value.items.map((item) => integer(item));
  return Date.UTC(y ?? 1970, (mo ?? 1) - 1, d ?? 1, h ?? 0, mi ?? 0, s ?? 0) / 1000;
}

/** Sleeps through handlers of signals, which run in between. */
function* sleep(vm: Vm, duration: number): Routine<void> {
  if (duration < 0) throw raise('ValueError', 'sleep length must be non-negative');
  const until = vm.process.now + duration * 1e9;
  while (vm.process.now < until) {
    yield* vm.process.sleep(until - vm.process.now);
    if (vm.pending.length > 0) yield* runHandlers(vm);
  }
}

export function timeModule(): Map<string, Value> {
  return new Map<string, Value>(
    natives({
      time: seconds,
      time_ns: (vm) => BigInt(Math.round(epochMilliseconds(vm.process.now) * 1e6)),
      monotonic: (vm) => vm.process.now / 1e9,
      perf_counter: (vm) => vm.process.now / 1e9,
      process_time: (vm) => vm.process.task.userTime / 1e9,
      *sleep(vm, [duration]) {
        yield* sleep(vm, real(duration));
        return null;
      },
      gmtime: (vm, [at]) => brokenDown(at === undefined ? seconds(vm) : real(at)),
      localtime: (vm, [at]) => brokenDown(at === undefined ? seconds(vm) : real(at)),
      strftime: (vm, [format, at]) =>
        strftime(text(format), momentOf(momentOfTuple(at, seconds(vm)) * 1000)),
      ctime: (vm, [at]) =>
        strftime(
          '%a %b %e %H:%M:%S %Y',
          momentOf((at === undefined ? seconds(vm) : real(at)) * 1000),
        ),
    }),
  );
}

const SIGNALS = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGKILL',
  'SIGUSR1',
  'SIGUSR2',
  'SIGPIPE',
  'SIGALRM',
  'SIGTERM',
  'SIGCHLD',
  'SIGCONT',
  'SIGSTOP',
  'SIGTSTP',
  'SIGWINCH',
];

export function signalModule(): Map<string, Value> {
  const numbers = SIGNALS.map((name): [string, Value] => [
    name,
    BigInt(signalNumber(name.slice(3)) ?? 0),
  ]);
  return new Map<string, Value>([
    ...numbers,
    ['SIG_DFL', 0n],
    ['SIG_IGN', 1n],
    ...natives({
      signal: (vm, [given, handler = null]) => {
        const number = integer(given);
        const before = vm.handlers.get(number) ?? 0n;
        vm.handlers.set(number, handler);
        const failed =
          handler === 0n || handler === 1n
            ? vm.process.sigaction(number, handler === 0n ? 'default' : 'ignore')
            : vm.process.sigaction(number, () => {
                vm.pending.push(number);
              });
        if (failed) throw osError(failed);
        return before;
      },
      *pause(vm) {
        yield* vm.process.pause();
        yield* runHandlers(vm);
        return null;
      },
    }),
  ]);
}

const completedClass = new PyClass('CompletedProcess', [objectClass], { module: 'subprocess' });

/** The words of a command: a list, or a text for the shell. */
function* commandOf(vm: Vm, value: Value, shell: boolean): Routine<string[]> {
  if (typeof value === 'string') return shell ? ['/bin/sh', '-c', value] : [value];
  const words: string[] = [];
  for (const word of yield* listOf(vm, value)) words.push(pathOf(word));
  return words;
}

/** Where a stream of a child goes: the program's own, a pipe, nowhere, or with standard output. */
const PIPE = -1n;
const STDOUT = -2n;
const DEVNULL = -3n;

function* run(vm: Vm, args: readonly Value[], keywords: Keywords): Routine<PyObject> {
  const shell = yield* truth(vm, keywords.get('shell') ?? false);
  const argv = yield* commandOf(vm, args[0] ?? null, shell);
  const captures = yield* truth(vm, keywords.get('capture_output') ?? false);
  const out = captures ? PIPE : (keywords.get('stdout') ?? null);
  const err = captures ? PIPE : (keywords.get('stderr') ?? null);
  const input = keywords.get('input');
  const { process } = vm;
  yield* vm.main.out.flush();
  if (!findProgram(process, argv[0] ?? '')) {
    const exists = process.exists(argv[0] ?? '');
    throw osError(exists ? EACCES : ENOENT, argv[0] ?? '');
  }
  const pipes = [out, err].map((to) => (to === PIPE ? process.pipe(true) : undefined));
  const source = input === undefined ? undefined : process.pipe(true);
  const [outPipe, errPipe] = pipes.map((pipe) => (isErrno(pipe) ? undefined : pipe));
  const sourcePipe = isErrno(source) ? undefined : source;
  const given = keywords.get('env');
  const environment =
    given instanceof PyDict
      ? new Map([...given.entries.values()].map(([k, v]) => [String(k), String(v)]))
      : currentEnvironment(vm);
  const cwd = keywords.get('cwd') ?? null;
  const pid = spawn(process, argv, {
    environment,
    prepare: (child) => {
      if (cwd !== null) child.chdir(pathOf(cwd));
      if (sourcePipe) child.dup2(sourcePipe[0], 0);
      const nowhere = child.open('/dev/null', O_RDWR | O_CREAT);
      if (outPipe) child.dup2(outPipe[1], 1);
      else if (out === DEVNULL && !isErrno(nowhere)) child.dup2(nowhere, 1);
      if (errPipe) child.dup2(errPipe[1], 2);
      else if (err === STDOUT) child.dup2(1, 2);
      else if (err === DEVNULL && !isErrno(nowhere)) child.dup2(nowhere, 2);
    },
  });
  if (isErrno(pid)) throw osError(pid);
  if (sourcePipe) {
    process.close(sourcePipe[0]);
    yield* writeAll(
      process,
      sourcePipe[1],
      typeof input === 'string' ? encode(input) : bytesOf(input),
    );
    process.close(sourcePipe[1]);
  }
  const texts: Value[] = [];
  const asText =
    (yield* truth(vm, keywords.get('text') ?? keywords.get('universal_newlines') ?? false)) ||
    keywords.has('encoding');
  for (const pipe of [outPipe, errPipe]) {
    if (!pipe) {
      texts.push(null);
      continue;
    }
    process.close(pipe[1]);
    const bytes = yield* readAll(vm, pipe[0]);
    texts.push(asText ? decode(bytes) : bytes);
  }
  const { code, signal } = yield* waitFor(process, pid);
  const made = new PyObject(completedClass, new Map());
  made.attributes?.set('args', args[0] ?? null);
  made.attributes?.set('returncode', BigInt(signal > 0 ? -signal : code));
  made.attributes?.set('stdout', texts[0] ?? null);
  made.attributes?.set('stderr', texts[1] ?? null);
  return made;
}

function* readAll(vm: Vm, fd: number): Routine<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const bytes = yield* vm.process.read(fd, 65_536);
    if (isErrno(bytes) || bytes.length === 0) break;
    parts.push(bytes);
  }
  vm.process.close(fd);
  return concatBytes(parts);
}

/** run, call, check_call and check_output; what a failed check raises is CalledProcessError. */
export function subprocessModule(vm: Vm): Map<string, Value> {
  const failed = new PyClass('CalledProcessError', [exceptionClass('Exception')], {
    module: 'subprocess',
  });
  const checked = function* (done: PyObject): Routine<PyObject> {
    const code = done.attributes?.get('returncode') ?? 0n;
    if (code === 0n) return done;
    const words = done.attributes?.get('args') ?? null;
    const shown =
      typeof words === 'string'
        ? `'${words}'`
        : `[${(yield* listOf(vm, words)).map((w) => `'${String(w)}'`).join(', ')}]`;
    const error = yield* callValue(vm, classValue(failed), [
      `Command ${shown} returned non-zero exit status ${String(code)}.`,
    ]);
    if (error instanceof PyObject)
      for (const name of ['returncode', 'stdout', 'stderr'])
        error.attributes?.set(name, done.attributes?.get(name) ?? null);
    throw error instanceof PyException ? new PyRaise(error) : raise('RuntimeError');
  };
  return new Map<string, Value>([
    ['PIPE', PIPE],
    ['STDOUT', STDOUT],
    ['DEVNULL', DEVNULL],
    ['CalledProcessError', classValue(failed)],
    ['CompletedProcess', classValue(completedClass)],
    ...natives({
      *run(_vm, args, keywords) {
        const done = yield* run(vm, args, keywords);
        return (yield* truth(vm, keywords.get('check') ?? false)) ? yield* checked(done) : done;
      },
      *call(_vm, args, keywords) {
        return (yield* run(vm, args, keywords)).attributes?.get('returncode') ?? null;
      },
      *check_call(_vm, args, keywords) {
        yield* checked(yield* run(vm, args, keywords));
        return 0n;
      },
      *check_output(_vm, args, keywords) {
        const done = yield* run(vm, args, new Map([...keywords, ['stdout', PIPE]]));
        return (yield* checked(done)).attributes?.get('stdout') ?? null;
      },
      *getoutput(_vm, [command = null]) {
        const done = yield* run(
          vm,
          [command],
          new Map<string, Value>([
            ['shell', true],
            ['stdout', PIPE],
            ['stderr', STDOUT],
            ['text', true],
          ]),
        );
        return String(done.attributes?.get('stdout')).replace(/\n$/, '');
      },
    }),
  ]);
}

/** A thread: its body, and who waits for its end. */
interface Thread {
  readonly target: Value;
  readonly args: readonly Value[];
  readonly keywords: Keywords;
  readonly ended: WaitQueue;
  state: 'new' | 'running' | 'over';
}

const threadClass = new PyClass('Thread', [objectClass], {
  module: 'threading',
});
threadClass.construct = function* (vm, _args, keywords): Routine<Value> {
  const words = keywords.get('args');
  const named = keywords.get('kwargs');
  const host: Thread = {
    target: keywords.get('target') ?? null,
    args: words === undefined ? [] : yield* listOf(vm, words),
    keywords:
      named instanceof PyDict
        ? new Map([...named.entries.values()].map(([k, v]) => [String(k), v]))
        : new Map(),
    ended: new WaitQueue(),
    state: 'new',
  };
  const made = new PyHosted(threadClass, host);
  made.attributes?.set('name', keywords.get('name') ?? 'Thread-1');
  made.attributes?.set('daemon', keywords.get('daemon') ?? false);
  return made;
};

function thread(value: Value | undefined): Thread {
  if (value instanceof PyHosted && value.type === threadClass) return value.host as Thread;
  throw raise('TypeError', 'a Thread is required');
}

methods(threadClass, {
  start: (vm, [self]) => {
    const host = thread(self);
    if (host.state !== 'new') throw raise('RuntimeError', 'threads can only be started once');
    host.state = 'running';
    vm.process.thread(function* () {
      yield* callValue(vm, host.target, host.args, host.keywords);
      host.state = 'over';
      host.ended.wake();
      return 0;
    });
    return null;
  },
  *join(_vm, [self]) {
    const host = thread(self);
    while (host.state === 'running') yield* waitOn(host.ended);
    return null;
  },
  is_alive: (_vm, [self]) => thread(self).state === 'running',
});

/** A lock: who waits for it is woken when it is given back. */
interface Lock {
  taken: boolean;
  readonly freed: WaitQueue;
}
const lockClass = new PyClass('lock', [objectClass], { module: '_thread' });

function lock(value: Value | undefined): Lock {
  if (value instanceof PyHosted && value.type === lockClass) return value.host as Lock;
  throw raise('TypeError', 'a lock is required');
}

function* acquire(_vm: Vm, [self]: readonly Value[]): Routine<Value> {
  const host = lock(self);
  while (host.taken) yield* waitOn(host.freed);
  host.taken = true;
  return true;
}

function release(_vm: Vm, [self]: readonly Value[]): Value {
  const host = lock(self);
  if (!host.taken) throw raise('RuntimeError', 'release unlocked lock');
  host.taken = false;
  host.freed.wakeOne();
  return null;
}
methods(lockClass, { acquire, release, __enter__: acquire, __exit__: release });

export function threadingModule(): Map<string, Value> {
  return new Map<string, Value>([
    ['Thread', classValue(threadClass)],
    ...natives({
      Lock: () => {
        const host: Lock = { taken: false, freed: new WaitQueue() };
        return new PyHosted(lockClass, host);
      },
    }),
  ]);
}
