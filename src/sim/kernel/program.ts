// Programs as the kernel runs them. An executable is an inode: an ELF file whose note names a program of the
// machine's table, or a script whose `#!` names an interpreter.

import type { DistantCode } from '../core/code.ts';
import type { Routine } from '../core/wait.ts';
import type { Process } from './calls/process.ts';

/** A running program's body; its value is the exit status. */
export type ProgramRun = Routine<number>;

/** What of one command of a program is simulated, for the coverage table. */
export interface Coverage {
  /** The command below the program's name (`create service`); empty for the program itself. */
  readonly command: string;
  readonly simulated: boolean;
  /** Options that it has. */
  readonly options: number;
  /** Of these, the ones that say they are not simulated. */
  readonly missing: readonly string[];
}

/** One program: one file exports one of these. */
export interface ProgramFile {
  /** The name in the table, which is what an ELF stub carries; usually the command's own. */
  readonly name: string;
  run(process: Process): ProgramRun;
  /** Processor time of its start beside execve's own (loading, its language's runtime), in nanoseconds. */
  readonly startup?: number;
  /** Derived from the tables that it parses its words by; left out where it has none. */
  readonly coverage?: () => readonly Coverage[];
}

/** A program whose code the host brings in when it is first executed. */
export interface DistantProgram extends ProgramFile {
  /** The program itself; blocks on its code where that is not here yet. */
  arrive(): Routine<ProgramFile>;
}

/** A program called `name` that stands for the one that `pick` finds in the module of `code`. */
export function distantProgram(
  name: string,
  code: DistantCode,
  pick: (module: unknown) => ProgramFile,
  startup = 0,
): DistantProgram {
  function* arrive(): Routine<ProgramFile> {
    if (!code.present) yield { on: [], code };
    return pick(code.module);
  }
  return {
    name,
    startup,
    arrive,
    *run(process) {
      const file = yield* arrive();
      return yield* file.run(process);
    },
  };
}

/** The program that a table's entry stands for, for those who need more of it than to run it. */
export function* arrived(file: ProgramFile | DistantProgram): Routine<ProgramFile> {
  return 'arrive' in file ? yield* file.arrive() : file;
}

/** Finds a program by the name that an ELF stub carries. */
export type ProgramTable = (name: string) => ProgramFile | undefined;

const MAGIC = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const NOTE = 'drydock\0';
const NEEDED = 'needed:';

/** Executables by their note: all machines share the bytes of one program, which nobody writes into. */
const stubs = new Map<string, Uint8Array>();

/**
 * The bytes of an executable for `name`: an ELF64 header's identification, then a note with the name. With `needs` it is
 * linked dynamically, to these libraries.
 */
export function elfStub(name: string, needs?: readonly string[]): Uint8Array {
  const text = `${NOTE}${name}\0${needs ? `${NEEDED}${needs.join(',')}\0` : ''}`;
  const known = stubs.get(text);
  if (known) return known;
  const bytes = new Uint8Array(64 + text.length);
  bytes.set(MAGIC);
  bytes[16] = 2;
  bytes[18] = 62;
  for (let i = 0; i < text.length; i++) bytes[64 + i] = text.charCodeAt(i);
  stubs.set(text, bytes);
  return bytes;
}

function noteOf(bytes: Uint8Array): string {
  let text = '';
  for (let at = 64; at < bytes.length && at < 256; at++)
    text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}

/** What an executable of ours says of itself. */
export interface ElfImage {
  readonly program: string;
  /** The libraries it names; undefined where it is linked statically. */
  readonly needs: readonly string[] | undefined;
}

/** Reads the note of an executable; undefined where the bytes are no ELF file of ours. */
export function elfImage(bytes: Uint8Array): ElfImage | undefined {
  if (!isElf(bytes)) return undefined;
  const text = noteOf(bytes);
  if (!text.startsWith(NOTE)) return undefined;
  const end = text.indexOf('\0', NOTE.length);
  const program = text.slice(NOTE.length, end);
  if (!text.startsWith(NEEDED, end + 1)) return { program, needs: undefined };
  const list = text.slice(end + 1 + NEEDED.length, text.indexOf('\0', end + 1));
  return { program, needs: list.split(',') };
}

/** The program an executable's bytes name; undefined where they are no ELF file of ours. */
export function elfProgram(bytes: Uint8Array): string | undefined {
  return elfImage(bytes)?.program;
}

/** True for an ELF file, of ours or not. */
export function isElf(bytes: Uint8Array): boolean {
  return MAGIC.slice(0, 4).every((byte, i) => bytes[i] === byte);
}
