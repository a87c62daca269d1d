// Judges a changed copy: put back into the original's words, it must have printed what the original printed. What follows
// from a change by itself is taken out of both: ids, times and addresses, the width of columns, the order of what is sorted.

import { normalise } from '../../src/cli/normalise.ts';
import { outputLines } from '../../src/cli/session-file.ts';
import type { FencedStep } from '../../src/worker/block.ts';
import type { CommandResult } from '../../src/worker/results.ts';

/** The commands of a step with what they printed, in the form of a session file. */
export function transcript(step: FencedStep, results: readonly CommandResult[]): string {
  return step.commands
    .flatMap(({ text }, i) => {
      const { output = '', status = 0 } = results[i] ?? {};
      const typed = text.split('\n').map((line, at) => `${at === 0 ? '$' : '>'} ${line}`);
      return [...typed, ...outputLines(output), ...(status === 0 ? [] : [`[exit ${status}]`])];
    })
    .join('\n');
}

/** What tools make from a name or an image, and what they measure. */
const MADE: readonly (readonly [RegExp, string])[] = [
  [/\bKUBE-(SVC|SEP|EXT|FW|SVL|XLB|POD-FW|NWPLCY|SRC|DST)-[A-Z0-9]{16}\b/g, 'KUBE-$1-<hash>'],
  [/\b(pod-template-hash|controller-revision-hash)=\S+?(?=[,\s"]|$)/g, '$1=<hash>'],
  [/\b[0-9a-f]{32}\b|\b[0-9a-f]{40}\b|\b[0-9a-f]{7}\b/g, '<digest>'],
  [/(?<![\w.])\d+(?:\.\d+)?(?:[kMGKi]{1,2}B|K|Ki)\b|\b\d{5,} bytes\b/g, '<size>'],
  [/\bpid=\d+/g, 'pid=<pid>'],
  [/\b\d{13}\b|\.\.\d{4}(?:_\d\d){5}\.\d+/g, '<time>'],
  [/\b\d+n(?=")|(?<=_seconds_total )[\d.]+|(?<=_bytes )\d+/g, '<measured>'],
  [/(?<=^(?:real|user|sys)\t)\S+/g, '<measured>'],
];
/** What a pull says of a layer, and how it passes the time, hangs on the layers that are there already. */
const PULLED =
  /^<id12:\d+>: (?:Pulling fs layer|Already exists|Download complete|Pull complete|Waiting)$/;
const PULLS = /^Using default tag: latest$/;

/** Lines in the form in which a copy and its original are compared. */
export function comparable(text: string): string[] {
  return normalise(text)
    .filter((line) => !PULLED.test(line) && !PULLS.test(line))
    .map((line) => {
      let out = line;
      for (const [pattern, by] of MADE) out = out.replace(pattern, by);
      return out
        .replaceAll(/[-=+─]{2,}/g, '--')
        .replaceAll(/ +/g, ' ')
        .trimEnd();
    });
}

/** The lines that differ, `-` what was expected and `+` what was printed; empty where the copy is right. */
export function differences(original: string, copy: string): string[] {
  const [want, got] = [comparable(original), comparable(copy)];
  if (want.join('\n') === got.join('\n')) return [];
  return [
    ...without(want, got).map((line) => `- ${line}`),
    ...without(got, want).map((line) => `+ ${line}`),
  ];
}

/** The lines that the others lack, whatever the order: a new name sorts elsewhere. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = others.map(unordered);
  return lines.filter((line) => {
    const at = left.indexOf(unordered(line));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** A line without the order of its words and the numbers of its ids. */
function unordered(line: string): string {
  const words = line.replaceAll(/<(\w+):\d+>/g, '<$1>').split(/[\s,]+/);
  return words.filter(Boolean).sort().join(' ');
}
