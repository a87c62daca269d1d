// Progress on a terminal: all steps at once, drawn anew as they go on, with the last lines that a step has printed.

import { bytesText, seconds, type Trace, type Traced } from './trace.ts';

const BLUE = '\u001b[34m';
const RED = '\u001b[31m';
const PLAIN = '\u001b[0m';
const LOG_LINES = 6;

interface Line {
  readonly text: string;
  readonly time: string;
  readonly colour: string;
}

export class TerminalPrinter {
  private readonly write: (text: string) => void;
  private readonly name: string;
  private readonly size: { readonly columns: number; readonly rows: number };
  private drawn = 0;
  private started: number | undefined;

  constructor(
    write: (text: string) => void,
    name: string,
    size: { readonly columns: number; readonly rows: number },
  ) {
    this.write = write;
    this.name = name;
    this.size = size;
  }

  private lines(vertex: Traced, now: number): Line[] {
    const { name, started, completed, cached, error } = vertex.status;
    const ended = completed !== undefined;
    const colour = error !== undefined ? RED : ended ? BLUE : '';
    const state = cached ? 'CACHED ' : error !== undefined ? 'ERROR ' : '';
    const lines: Line[] = [
      { text: ` => ${state}${name}`, time: `${seconds(started, completed ?? now)}s`, colour },
    ];
    for (const task of vertex.tasks.values()) {
      const size =
        task.total > 0
          ? ` ${bytesText(task.current)} / ${bytesText(task.total)}`
          : task.current > 0
            ? ` ${bytesText(task.current)}`
            : '';
      lines.push({
        text: ` => => ${task.id}${size}`,
        time: `${seconds(task.started, task.completed ?? now)}s`,
        colour: task.completed === undefined ? '' : BLUE,
      });
    }
    if (!ended)
      for (const line of [...vertex.lines, vertex.partial].slice(-LOG_LINES))
        if (line !== '')
          lines.push({ text: ` => => # ${line.replace(/^[\d.]+ /, '')}`, time: '', colour: '' });
    return lines;
  }

  private row({ text, time, colour }: Line): string {
    const room = this.size.columns - time.length - 1;
    const cut = text.length > room ? `${text.slice(0, Math.max(0, room - 3))}...` : text;
    const padded = `${cut.padEnd(room)} ${time}`;
    return colour === '' ? padded : `${colour}${padded}${PLAIN}`;
  }

  /** Draws everything anew. */
  print(trace: Trace, now: number, finished = false): void {
    this.started ??= now;
    const all = trace.vertices;
    const done = all.filter(({ status }) => status.completed !== undefined).length;
    const failed = all.some(({ status }) => status.error !== undefined);
    const state = finished && !failed ? ' FINISHED' : '';
    const head: Line = {
      text: `[+] Building ${seconds(this.started, now)}s (${done}/${all.length})${state}`,
      time: this.name,
      colour: finished && !failed ? BLUE : '',
    };
    const body = all.flatMap((vertex) => this.lines(vertex, now));
    const most = Math.max(1, this.size.rows - 2);
    const shown = finished ? body : body.slice(-most);
    const rows = [head, ...shown].map((line) => this.row(line));
    const up = this.drawn > 0 ? `\u001b[${this.drawn}A` : '';
    const rest = Math.max(0, this.drawn - rows.length);
    const blank = ' '.repeat(Math.max(0, this.size.columns - 1));
    const cleared = Array.from({ length: rest }, () => `${blank}\n`).join('');
    const back = rest > 0 ? `\u001b[${rest}A` : '';
    this.write(`\u001b[?25l${up}\r${rows.join('\n')}\n${cleared}${back}\u001b[?25h`);
    this.drawn = rows.length;
  }

  finish(trace: Trace, now: number): void {
    this.print(trace, now, true);
    this.write(trace.errorLogs());
  }
}
