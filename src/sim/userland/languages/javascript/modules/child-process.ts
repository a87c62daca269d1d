// The module child_process: execSync, spawnSync and exec. Streams of running children are left out.

import { concatBytes, decode } from '../../../../core/text.ts';
import type { Routine } from '../../../../core/wait.ts';
import type { Process } from '../../../../kernel/calls/process.ts';
import { isErrno } from '../../../../kernel/errno.ts';
import { spawn, waitFor } from '../../../libc/spawn.ts';
import { bufferOf } from '../globals/buffer.ts';
import { call, get, itemsOf, leaveOut } from '../operations.ts';
import { JsFunction, JsObject, type Value } from '../values.ts';
import type { Vm } from '../vm.ts';

interface Done {
  readonly code: number;
  readonly signal: number;
  readonly out: Uint8Array;
  readonly err: Uint8Array;
}

function* run(process: Process, argv: readonly string[], shared: boolean): Routine<Done> {
  const pipes = [process.pipe(true), process.pipe(true)].map((pipe) =>
    isErrno(pipe) ? undefined : pipe,
  );
  const [out, err] = pipes;
  const pid = spawn(process, argv, {
    prepare: (child) => {
      if (shared) return;
      if (out) child.dup2(out[1], 1);
      if (err) child.dup2(err[1], 2);
    },
  });
  for (const pipe of pipes) if (pipe) process.close(pipe[1]);
  const texts: Uint8Array[] = [];
  for (const pipe of pipes) {
    const parts: Uint8Array[] = [];
    for (; pipe; ) {
      const bytes = yield* process.read(pipe[0], 65_536);
      if (isErrno(bytes) || bytes.length === 0) break;
      parts.push(bytes);
    }
    if (pipe) process.close(pipe[0]);
    texts.push(concatBytes(parts));
  }
  const ended = isErrno(pid) ? { code: 127, signal: 0 } : yield* waitFor(process, pid);
  return { ...ended, out: texts[0] ?? new Uint8Array(0), err: texts[1] ?? new Uint8Array(0) };
}

function* option(vm: Vm, options: Value, name: string): Routine<Value> {
  return options instanceof JsObject ? yield* get(vm, options, name) : undefined;
}

/** child_process. */
export function childProcessModule(vm: Vm): Value {
  const made = vm.object();
  const shell = (command: string): string[] => ['/bin/sh', '-c', command];
  const sync = function* (argv: readonly string[], title: string, options: Value): Routine<Value> {
    yield* vm.main.out.flush();
    const shared = (yield* option(vm, options, 'stdio')) === 'inherit';
    const done = yield* run(vm.process, argv, shared);
    if (!shared && done.err.length > 0) vm.main.err.put(done.err);
    yield* vm.main.err.flush();
    if (done.code !== 0)
      throw vm.error('Error', `Command failed: ${title}\n${decode(done.err)}`, {
        status: done.code,
        stdout: bufferOf(vm, done.out),
        stderr: bufferOf(vm, done.err),
      });
    if (shared) return null;
    const encoding = yield* option(vm, options, 'encoding');
    return encoding === undefined || encoding === 'buffer'
      ? bufferOf(vm, done.out)
      : decode(done.out);
  };
  vm.methods(made, {
    execSync: (_vm, [command, options]) => sync(shell(String(command)), String(command), options),
    *execFileSync(_vm, [file, args, options]) {
      const words = args === undefined ? [] : (yield* itemsOf(vm, args)).map(String);
      return yield* sync([String(file), ...words], [String(file), ...words].join(' '), options);
    },
    *spawnSync(_vm, [file, args, options]) {
      const words = args === undefined ? [] : (yield* itemsOf(vm, args)).map(String);
      const shared = (yield* option(vm, options, 'stdio')) === 'inherit';
      const done = yield* run(vm.process, [String(file), ...words], shared);
      const encoding = yield* option(vm, options, 'encoding');
      const text = (bytes: Uint8Array): Value =>
        encoding === undefined ? bufferOf(vm, bytes) : decode(bytes);
      return vm.object([
        ['status', done.signal > 0 ? null : done.code],
        ['signal', null],
        ['stdout', text(done.out)],
        ['stderr', text(done.err)],
      ]);
    },
    exec: (_vm, [command, options, given]) => {
      const callee = options instanceof JsFunction ? options : given;
      vm.background(
        (thread) => run(thread, shell(String(command)), false),
        function* (done) {
          if (!(callee instanceof JsFunction)) return;
          const failed =
            done.code === 0
              ? null
              : vm.error('Error', `Command failed: ${String(command)}\n${decode(done.err)}`, {
                  code: done.code,
                }).value;
          yield* call(vm, callee, undefined, [failed, decode(done.out), decode(done.err)]);
        },
      );
      return undefined;
    },
  });
  leaveOut(made, ['spawn', 'fork', 'execFile']);
  return made;
}
