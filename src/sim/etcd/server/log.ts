// etcd's log: one JSON object a line on standard error, from the level that was asked for.

import { rfc3339Fraction } from '../../core/time.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import type { Routine } from '../../core/wait.ts';
import { type Json, jsonText } from '../wire/json.ts';

export const LEVELS = ['debug', 'info', 'warn', 'error', 'dpanic', 'panic', 'fatal'] as const;
export type Level = (typeof LEVELS)[number];

/** From this level on a line says where in the program it arose. */
const TRACED = LEVELS.indexOf('error');

export type LogFields = Readonly<Record<string, Json>>;

export class Log {
  private readonly main: Main;
  private readonly from: number;

  constructor(main: Main, level: string) {
    this.main = main;
    this.from = LEVELS.indexOf(level as Level);
  }

  /** Writes a line where its level is asked for. */
  *write(level: Level, caller: string, msg: string, fields: LogFields = {}): Routine<void> {
    if (LEVELS.indexOf(level) < this.from) return;
    const ts = rfc3339Fraction(this.main.process.now, 6);
    const { logger, ...rest } = fields;
    const named: LogFields = logger === undefined ? {} : { logger };
    const traced: LogFields = LEVELS.indexOf(level) < TRACED ? {} : { stacktrace: 'main.main' };
    const line = { level, ts, ...named, caller, msg, ...rest, ...traced };
    this.main.err.put(`${jsonText(line, ',', JSON.stringify)}\n`);
    yield* this.main.err.flush();
  }
}
