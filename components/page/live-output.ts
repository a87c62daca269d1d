// The output of one command as it arrives: plain text is appended, what moves a cursor or sets colours is
// drawn as a terminal would show it, and what is long goes into a fold that follows its end.

import { isPlain, type Run, terminalLines } from '../../src/worker/screen.ts';
import { FOLD_AFTER, FOLD_OVER, isUnsimulated, splitLines } from './output.ts';

export class LiveOutput {
  private readonly place: HTMLElement;
  private readonly head = document.createElement('pre');
  private fold: { details: HTMLDetailsElement; summary: HTMLElement; pre: HTMLElement } | undefined;
  private text = '';
  private lines = 0;
  private plain = true;
  private redraw = 0;

  /** Takes the place of whatever `place` shows. */
  constructor(place: HTMLElement) {
    this.place = place;
    this.head.className = 'out';
    place.replaceChildren(this.head);
  }

  append(text: string): void {
    this.text += text;
    if (this.plain && isPlain(text)) {
      this.appendPlain(text);
    } else {
      this.plain = false;
      this.redraw ||= requestAnimationFrame(() => this.draw());
    }
  }

  /** The command ended: draws what is still to be drawn, and says the status where it is not zero. */
  end(status: number): void {
    if (!this.plain || this.text.includes('drydock: ')) this.draw();
    if (this.fold) this.fold.details.open = false;
    if (status <= 0) return;
    const exit = document.createElement('span');
    exit.className = 'exit';
    exit.textContent = `exit ${status}`;
    this.place.append(exit);
  }

  private appendPlain(text: string): void {
    const before = this.lines;
    this.lines += text.split('\n').length - 1;
    if (this.fold) {
      this.follow(this.fold, () => this.fold?.pre.append(text));
    } else if (this.lines <= FOLD_OVER) {
      this.head.append(text);
    } else {
      const cut = endOfLine(this.text, FOLD_AFTER);
      this.head.textContent = this.text.slice(0, cut);
      this.openFold().pre.append(this.text.slice(cut));
    }
    if (this.lines !== before) this.count();
    if (text.length > 40) this.head.tabIndex = 0;
  }

  private follow(fold: { pre: HTMLElement }, change: () => void): void {
    const { pre } = fold;
    const atEnd = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 8;
    change();
    if (atEnd) pre.scrollTop = pre.scrollHeight;
  }

  private openFold(): { details: HTMLDetailsElement; summary: HTMLElement; pre: HTMLElement } {
    if (this.fold) return this.fold;
    const details = document.createElement('details');
    details.className = 'more';
    details.open = true;
    const summary = document.createElement('summary');
    const pre = document.createElement('pre');
    pre.className = 'out';
    pre.tabIndex = 0;
    details.append(summary, pre);
    this.head.after(details);
    this.fold = { details, summary, pre };
    return this.fold;
  }

  private count(): void {
    if (this.fold) this.fold.summary.textContent = `${this.lines - FOLD_AFTER} more lines`;
  }

  private draw(): void {
    cancelAnimationFrame(this.redraw);
    this.redraw = 0;
    const lines: Run[][] = this.plain
      ? splitLines(this.text).map((text) => [{ text, style: '' }])
      : terminalLines(this.text.replace(/\n$/, ''), 24);
    this.lines = lines.length;
    const long = lines.length > FOLD_OVER;
    this.head.replaceChildren(...nodesOf(long ? lines.slice(0, FOLD_AFTER) : lines));
    if (long) this.openFold().pre.replaceChildren(...nodesOf(lines.slice(FOLD_AFTER)));
    this.count();
  }
}

/** The lines as nodes, styled runs in spans. */
export function nodesOf(lines: readonly Run[][]): Node[] {
  return lines.flatMap((line) => {
    const whole = line.map((run) => run.text).join('');
    const runs = isUnsimulated(whole)
      ? [spanOf(whole, 'unsimulated')]
      : line.map((run) =>
          run.style === ''
            ? document.createTextNode(run.text)
            : spanOf(run.text, classes(run.style)),
        );
    return [...runs, document.createTextNode('\n')];
  });
}

function classes(style: string): string {
  return style.replaceAll(/\S+/g, 's-$&');
}

function spanOf(text: string, className: string): HTMLElement {
  const span = document.createElement('span');
  span.className = className;
  span.textContent = text;
  return span;
}

function endOfLine(text: string, line: number): number {
  let at = 0;
  for (let i = 0; i < line; i++) at = text.indexOf('\n', at) + 1;
  return at;
}
