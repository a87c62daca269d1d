// Progress where there is no terminal (--progress=plain): numbered steps, each with what it was at.

import { bytesText, seconds, type Trace, type Traced, warningText } from './trace.ts';

export class PlainPrinter {
  private readonly write: (text: string) => void;
  private readonly description: string;
  private current: Traced | undefined;
  private first = true;
  private next = 0;

  constructor(write: (text: string) => void, description: string) {
    this.write = write;
    this.description = description;
  }

  private head(vertex: Traced): void {
    if (this.current) {
      if (this.current.partial !== '' && this.current.printedLines > this.current.lines.length)
        this.write('\n');
      this.write(`#${this.current.index} ...\n`);
    }
    this.write(this.first ? `#0 ${this.description}\n\n` : '\n');
    this.first = false;
    this.write(`#${vertex.index} ${vertex.status.name}\n`);
  }

  private tasks(vertex: Traced): boolean {
    let open = false;
    for (const id of vertex.changed) {
      const task = vertex.tasks.get(id);
      if (!task) continue;
      const { current, total, started, completed } = task;
      let size = '';
      if (total > 0) size = ` ${bytesText(current)} / ${bytesText(total)}`;
      else if (current > 0) size = ` ${bytesText(current)}`;
      const took = (completed ?? started) - started;
      const time = took > 10_000_000 ? ` ${seconds(started, started + took)}s` : '';
      if (completed === undefined) open = true;
      this.write(`#${vertex.index} ${id}${size}${time}${completed === undefined ? '' : ' done'}\n`);
    }
    vertex.changed.clear();
    return open;
  }

  private vertex(vertex: Traced): void {
    if (vertex.index === 0) vertex.index = ++this.next;
    if (vertex !== this.current) this.head(vertex);
    const open = this.tasks(vertex);
    for (const warning of vertex.warnings.slice(vertex.printedWarnings))
      this.write(`#${vertex.index} WARN: ${warningText(warning)}\n`);
    vertex.printedWarnings = vertex.warnings.length;
    for (const line of vertex.lines.slice(vertex.printedLines))
      this.write(`#${vertex.index} ${line}\n`);
    vertex.printedLines = vertex.lines.length;
    vertex.updated = false;
    this.current = vertex;
    const { completed, cached, error, started } = vertex.status;
    if (completed === undefined || open) return;
    this.current = undefined;
    if (vertex.partial !== '') this.write(`#${vertex.index} ${vertex.partial}\n`);
    if (error === 'context canceled') this.write(`#${vertex.index} CANCELED\n`);
    else if (error !== undefined) this.write(`#${vertex.index} ERROR: ${error}\n`);
    else if (cached) this.write(`#${vertex.index} CACHED\n`);
    else this.write(`#${vertex.index} DONE ${seconds(started, completed)}s\n`);
  }

  /** Prints what is new: ended steps first, in the order of their ends, then one that goes on. */
  print(trace: Trace): void {
    const updated = trace.vertices.filter((vertex) => vertex.updated);
    const ended = updated.filter(({ status }) => status.completed !== undefined);
    const current = this.current;
    ended.sort((a, b) => (a.status.completed ?? 0) - (b.status.completed ?? 0));
    if (current && ended.includes(current)) this.vertex(current);
    for (const vertex of ended) if (vertex !== current) this.vertex(vertex);
    const open = updated.filter(({ status }) => status.completed === undefined);
    if (this.current && open.includes(this.current)) this.vertex(this.current);
    const [going] = open;
    if (!this.current && going) this.vertex(going);
  }

  finish(trace: Trace): void {
    this.print(trace);
    this.write(trace.errorLogs());
  }
}
