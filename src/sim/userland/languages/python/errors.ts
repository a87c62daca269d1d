// Python's exceptions: the hierarchy of the built-in ones, raising them, and what errno values become.

import type { Errno } from '../../../kernel/errno.ts';
import type { Span } from './tokens.ts';
import { objectClass, PyClass, PyObject, PyTuple, type Value } from './values.ts';
import type { Frame } from './vm.ts';

/** One line of a traceback. */
export interface Trace {
  readonly frame: Frame;
  readonly file: string;
  readonly name: string;
  readonly at: Span;
  /** Where in `at` the mark of the operation itself is, from 3.11 on. */
  readonly anchor: readonly [number, number] | undefined;
}

export class PyException extends PyObject {
  args: readonly Value[] = [];
  readonly trace: Trace[] = [];
  cause: PyException | undefined;
  context: PyException | undefined;
  suppressContext = false;
  declare readonly attributes: Map<string, Value>;
  constructor(type: PyClass, args: readonly Value[] = []) {
    super(type, new Map());
    this.args = args;
  }
}

/** Carries an exception through the interpreter. */
export class PyRaise extends Error {
  readonly exception: PyException;
  constructor(exception: PyException) {
    super('raised');
    this.exception = exception;
  }
}

/** The tree: each name with its base. */
const TREE: readonly (readonly [string, string])[] = [
  ['BaseException', 'object'],
  ['SystemExit', 'BaseException'],
  ['KeyboardInterrupt', 'BaseException'],
  ['GeneratorExit', 'BaseException'],
  ['Exception', 'BaseException'],
  ['StopIteration', 'Exception'],
  ['ArithmeticError', 'Exception'],
  ['FloatingPointError', 'ArithmeticError'],
  ['OverflowError', 'ArithmeticError'],
  ['ZeroDivisionError', 'ArithmeticError'],
  ['AssertionError', 'Exception'],
  ['AttributeError', 'Exception'],
  ['BufferError', 'Exception'],
  ['EOFError', 'Exception'],
  ['ImportError', 'Exception'],
  ['ModuleNotFoundError', 'ImportError'],
  ['LookupError', 'Exception'],
  ['IndexError', 'LookupError'],
  ['KeyError', 'LookupError'],
  ['MemoryError', 'Exception'],
  ['NameError', 'Exception'],
  ['UnboundLocalError', 'NameError'],
  ['OSError', 'Exception'],
  ['BlockingIOError', 'OSError'],
  ['ChildProcessError', 'OSError'],
  ['ConnectionError', 'OSError'],
  ['BrokenPipeError', 'ConnectionError'],
  ['ConnectionAbortedError', 'ConnectionError'],
  ['ConnectionRefusedError', 'ConnectionError'],
  ['ConnectionResetError', 'ConnectionError'],
  ['FileExistsError', 'OSError'],
  ['FileNotFoundError', 'OSError'],
  ['InterruptedError', 'OSError'],
  ['IsADirectoryError', 'OSError'],
  ['NotADirectoryError', 'OSError'],
  ['PermissionError', 'OSError'],
  ['ProcessLookupError', 'OSError'],
  ['TimeoutError', 'OSError'],
  ['ReferenceError', 'Exception'],
  ['RuntimeError', 'Exception'],
  ['NotImplementedError', 'RuntimeError'],
  ['RecursionError', 'RuntimeError'],
  ['SyntaxError', 'Exception'],
  ['IndentationError', 'SyntaxError'],
  ['SystemError', 'Exception'],
  ['TypeError', 'Exception'],
  ['ValueError', 'Exception'],
  ['UnicodeError', 'ValueError'],
  ['UnicodeDecodeError', 'UnicodeError'],
  ['UnicodeEncodeError', 'UnicodeError'],
  ['Warning', 'Exception'],
  ['DeprecationWarning', 'Warning'],
  ['UserWarning', 'Warning'],
  ['RuntimeWarning', 'Warning'],
];

/** The built-in exceptions' classes by name. */
export const exceptions: ReadonlyMap<string, PyClass> = (() => {
  const made = new Map<string, PyClass>();
  for (const [name, base] of TREE) {
    const allocate = (type: PyClass): PyObject => new PyException(type);
    made.set(name, new PyClass(name, [made.get(base) ?? objectClass], { allocate }));
  }
  return made;
})();

/** A built-in exception's class. */
export function exceptionClass(name: string): PyClass {
  const found = exceptions.get(name);
  if (!found) throw new Error(`there is no exception ${name}`);
  return found;
}

/** What to throw for a built-in exception: `throw raise('TypeError', '…')`. */
export function raise(name: string, ...args: readonly Value[]): PyRaise {
  return new PyRaise(new PyException(exceptionClass(name), args));
}

const BY_ERRNO: Readonly<Record<string, string>> = {
  EAGAIN: 'BlockingIOError',
  EACCES: 'PermissionError',
  EPERM: 'PermissionError',
  ENOENT: 'FileNotFoundError',
  EEXIST: 'FileExistsError',
  EISDIR: 'IsADirectoryError',
  ENOTDIR: 'NotADirectoryError',
  ESRCH: 'ProcessLookupError',
  ECHILD: 'ChildProcessError',
  EPIPE: 'BrokenPipeError',
  ECONNREFUSED: 'ConnectionRefusedError',
  ECONNRESET: 'ConnectionResetError',
  ECONNABORTED: 'ConnectionAbortedError',
  ETIMEDOUT: 'TimeoutError',
  EINTR: 'InterruptedError',
};

/** The OSError of a failed system call. */
export function osError(errno: Errno, ...names: readonly string[]): PyRaise {
  const type = exceptionClass(BY_ERRNO[errno.name] ?? 'OSError');
  const exception = new PyException(type, [BigInt(errno.number), errno.message]);
  exception.attributes.set('errno', BigInt(errno.number));
  exception.attributes.set('strerror', errno.message);
  exception.attributes.set('filename', names[0] ?? null);
  if (names[1] !== undefined) exception.attributes.set('filename2', names[1]);
  return new PyRaise(exception);
}

/** The arguments as a tuple. */
export function argsTuple(exception: PyException): PyTuple {
  return new PyTuple(exception.args);
}
