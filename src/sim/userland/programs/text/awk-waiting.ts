// awk's functions that wait: close, fflush and system, and getline from files, commands and the main input.

import { isErrno } from '../../../kernel/errno.ts';
import { spawn, waitFor } from '../../libc/spawn.ts';
import type { Main } from '../../libc/stdio.ts';
import { type Compiled, evaluate, type Store } from './awk-compile.ts';
import type { MainInput } from './awk-input.ts';
import type { AwkState } from './awk-state.ts';
import { Input } from './awk-values.ts';

/** What a running program has for them. */
export interface Running {
  readonly main: Main;
  readonly state: AwkState;
  readonly input: MainInput;
}

/** `close`, `fflush` and `system`, which wait for files and processes. */
export function waitingCall(
  { main, state }: Running,
  name: string,
  args: readonly Compiled[],
): Compiled {
  const [first] = args;
  return {
    waits: true,
    *run() {
      const text = first ? state.text(yield* evaluate(first)) : '';
      if (name === 'close') return yield* state.streams.close(text);
      yield* state.streams.flush();
      if (name === 'fflush') return 0;
      const pid = spawn(main.process, ['/bin/sh', '-c', text]);
      if (isErrno(pid)) return -1;
      const ended = yield* waitFor(main.process, pid);
      return ended.signal ? 256 + ended.signal : ended.code;
    },
  };
}

/** getline in its three forms; where the record goes is the variable's `store`, or $0. */
export function getline(
  { state, input }: Running,
  from: 'main' | 'file' | 'command',
  source: Compiled | undefined,
  store: Store | undefined,
): Compiled {
  return {
    waits: true,
    *run() {
      let record: string | undefined;
      if (from === 'main' || !source) record = yield* input.next();
      else {
        const name = state.text(yield* evaluate(source));
        if (from === 'command') yield* state.streams.flush();
        const reader = state.streams.input(name, from === 'command');
        if (isErrno(reader)) return -1;
        record = yield* reader.record(state.variable('RS'));
        if (record === undefined && reader.failure) return -1;
        if (record !== undefined && from === 'command') state.addToNumber('NR', 1);
      }
      if (record === undefined) return 0;
      if (store) store(new Input(record));
      else state.setRecord(record);
      return 1;
    },
  };
}
