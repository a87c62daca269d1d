// A running Python: its process, its modules, and the frames of the functions that run.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import type { Main } from '../../libc/stdio.ts';
import { isStackFull, Meter } from '../interpreter.ts';
import { type PyException, PyRaise, raise } from './errors.ts';
import type { Span } from './tokens.ts';
import { type PyClass, PyList, type PyModule, type Value } from './values.ts';

/** Names and their values. `parent` is the function around it; a class's names are not seen from inside its functions. */
export interface Scope {
  readonly names: Map<string, Value>;
  readonly parent: Scope | undefined;
  /** The module's own names. */
  readonly globals: Map<string, Value>;
  /** What a function's text says: these are its own names, those are declared to be others'. */
  readonly locals: ReadonlySet<string> | undefined;
  readonly declaredGlobal: ReadonlySet<string>;
  readonly isClass: boolean;
}

/** One running function, module or class body. */
export interface Frame {
  readonly name: string;
  readonly file: string;
  readonly scope: Scope;
  /** Where it is, for tracebacks. */
  at: Span;
  anchor: readonly [number, number] | undefined;
  /** For super() without arguments. */
  readonly owner: PyClass | undefined;
  readonly self: Value | undefined;
}

export const NOWHERE: Span = { line: 1, column: 0, endLine: 1, endColumn: 0 };
const NONE: ReadonlySet<string> = new Set();

/** The scope of a module. */
export function moduleScope(globals: Map<string, Value>): Scope {
  return {
    names: globals,
    parent: undefined,
    globals,
    locals: undefined,
    declaredGlobal: NONE,
    isClass: false,
  };
}

/** How deep Python lets calls go. */
const RECURSION_LIMIT = 1000;

export class Vm {
  readonly process: Process;
  readonly main: Main;
  readonly meter: Meter;
  /** `3.12.12`. */
  readonly version: string;
  readonly modules = new Map<string, PyModule>();
  readonly builtins = new Map<string, Value>();
  /** Directories where modules are looked for. */
  path: string[] = [];
  /** Sources by file, for tracebacks. */
  readonly sources = new Map<string, string>();
  /** Output goes out at once (-u, PYTHONUNBUFFERED). */
  unbuffered = false;
  /** Run at the end: atexit. */
  readonly endings: Value[] = [];
  /** A handler that is to run, set by a signal. */
  pending: number[] = [];
  readonly handlers = new Map<number, Value>();
  private readonly ids = new WeakMap<object, bigint>();
  private nextId = 0x7f3a_5c01_0000n;
  /** Exceptions that are being handled, innermost last. */
  readonly handling: PyException[] = [];
  depth = 0;
  /** Bytes that values keep and the kernel has not been asked for yet (memory.ts). */
  owed = 0;
  /** Bytes of texts that lists and texts took in. */
  kept = 0;
  /** The innermost frame. */
  frame: Frame | undefined;

  constructor(main: Main, version: string) {
    this.main = main;
    this.process = main.process;
    this.meter = new Meter(main.process);
    this.version = version;
  }

  /** The search path is what the program has made of sys.path. */
  follow(list: Value | undefined): void {
    if (list instanceof PyList)
      this.path = list.items.filter((one): one is string => typeof one === 'string');
  }

  /** id(): like an address, the same for the same object. */
  id(value: object): bigint {
    let id = this.ids.get(value);
    if (id === undefined) {
      id = this.nextId;
      this.nextId += 48n;
      this.ids.set(value, id);
    }
    return id;
  }

  /** `3.12`. */
  get series(): string {
    return this.version.split('.').slice(0, 2).join('.');
  }

  /** True from this minor version of Python 3 on. */
  since(minor: number): boolean {
    return Number(this.version.split('.')[1]) >= minor;
  }

  /** Runs `body` in a frame; an exception that leaves it notes where it was. */
  *inFrame<T>(frame: Frame, body: () => Routine<T>): Routine<T> {
    if (this.depth >= RECURSION_LIMIT)
      throw raise('RecursionError', 'maximum recursion depth exceeded');
    const outer = this.frame;
    this.depth++;
    this.frame = frame;
    try {
      return yield* body();
    } catch (thrown) {
      const error = isStackFull(thrown)
        ? raise('RecursionError', 'maximum recursion depth exceeded')
        : thrown;
      if (error instanceof PyRaise) noteFrame(error.exception, frame);
      throw error;
    } finally {
      this.frame = outer;
      this.depth--;
    }
  }
}

/** Adds a frame to an exception's traceback, once. */
export function noteFrame(exception: PyException, frame: Frame): void {
  if (exception.trace[0]?.frame === frame) return;
  const { file, name, at, anchor } = frame;
  exception.trace.unshift({ frame, file, name, at, anchor });
}
