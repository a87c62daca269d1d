// awk's main input: the records of the files that ARGV names, or of standard input, one after another.

import { binaryString, encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Main } from '../../libc/stdio.ts';
import { RecordReader } from './awk-io.ts';
import type { AwkState } from './awk-state.ts';
import { Input, toNumber } from './awk-values.ts';

/** A text as awk holds it: a character for each byte. */
export const binary = (text: string): string => binaryString(encode(text));

/** The files of the command line; `failed` is called for one that cannot be read. */
export class MainInput {
  private readonly main: Main;
  private readonly state: AwkState;
  private readonly operands: readonly string[];
  private readonly failed: () => void;
  private operand = 0;
  private usedFile = false;
  private reader: RecordReader | undefined;

  constructor(main: Main, state: AwkState, operands: readonly string[], failed: () => void) {
    this.main = main;
    this.state = state;
    this.operands = operands;
    this.failed = failed;
  }

  /** Leaves the file that is being read. */
  close(): void {
    if (this.reader && this.reader.fd !== 0) this.main.process.close(this.reader.fd);
    this.reader = undefined;
  }

  /** The next record of the main input, counted; undefined at the end of all files. */
  *next(): Routine<string | undefined> {
    for (;;) {
      if (!this.reader && !(yield* this.openNext())) return undefined;
      const reader = this.reader as RecordReader;
      const record = yield* reader.record(this.state.variable('RS'));
      if (record !== undefined) {
        this.state.addToNumber('NR', 1);
        this.state.addToNumber('FNR', 1);
        return record;
      }
      if (reader.failure) {
        yield* this.main.fail(`read error (${reader.failure.message})`);
        this.failed();
      }
      this.close();
    }
  }

  private *openNext(): Routine<boolean> {
    const { main, state } = this;
    const { process } = main;
    for (;;) {
      const count = toNumber(state.cell('ARGC').value);
      if (++this.operand >= count) {
        if (this.usedFile) return false;
        this.usedFile = true;
        this.reader = new RecordReader(process, 0);
        state.cell('FNR').value = 0;
        return true;
      }
      const value = state.cell('ARGV').array?.get(String(this.operand));
      const word = state.text(value);
      if (word === '') continue;
      const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(word);
      if (assignment) {
        assign(state, assignment[1] ?? '', assignment[2] ?? '');
        continue;
      }
      this.usedFile = true;
      const path = this.operands[this.operand - 1] ?? word;
      const fd = word === '-' || word === '/dev/stdin' ? 0 : process.open(path);
      if (isErrno(fd)) {
        yield* main.out.flush();
        yield* main.fail(`cannot open ${path} (${fd.message})`);
        this.failed();
        continue;
      }
      this.reader = new RecordReader(process, fd);
      state.cell('FILENAME').value = word;
      state.cell('FNR').value = 0;
      return true;
    }
  }
}

/** `name=value` from the command line: escapes are read, and it compares as input. */
export function assign(state: AwkState, name: string, text: string): void {
  const plain = text.replace(/\\(n|t|r|\\|"|\/|[0-7]{1,3})/g, (_, c: string) =>
    /[0-7]/.test(c)
      ? String.fromCharCode(Number.parseInt(c, 8))
      : ({ n: '\n', t: '\t', r: '\r' }[c] ?? c),
  );
  state.cell(name).value = new Input(plain);
}
