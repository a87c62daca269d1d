// Same seed, same bytes: every example of every note does in the page's worker what it did in Node when the site was built.
// The workers are driven directly, two at a time; what the page draws of their messages is other tests' matter.

import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from '@playwright/test';
import { load } from 'js-yaml';
import { type FencedStep, noteSteps } from '../../src/worker/block.ts';
import type { FromLab } from '../../src/worker/messages.ts';
import { type NoteResults, shownInTerminal } from '../../src/worker/results.ts';

/** What a step's commands sent to the page. */
interface Run {
  readonly outputs: string[];
  readonly statuses: number[];
}

/** One lab's life: the steps from its switching on to the next. */
interface Life {
  readonly note: string;
  readonly lab: string;
  readonly steps: FencedStep[];
}

const AT_ONCE = 2;

/** The lives of the labs of all notes. */
function lives(): Life[] {
  return globSync('content/**/*.mdx')
    .sort()
    .flatMap((path) => {
      const text = readFileSync(path, 'utf8');
      const matter = load(/^---\n([\s\S]*?)\n---/.exec(text)?.[1] ?? '') as {
        lab?: string;
        pending?: boolean;
      };
      const all: Life[] = [];
      if (matter.pending) return all;
      for (const step of noteSteps(text, matter.lab ?? 'linux')) {
        const life = all.findLast((one) => one.lab === step.lab);
        if (life && !step.fresh) life.steps.push(step);
        else all.push({ note: path, lab: step.lab, steps: [step] });
      }
      return all;
    });
}

/** What Node printed and returned for a step, by the file that the build left. */
function built({ note }: Life, step: FencedStep): Run {
  const path = note.replace(/^content/, 'generated/results').replace(/mdx$/, 'json');
  const { steps } = JSON.parse(readFileSync(path, 'utf8')) as NoteResults;
  const commands = steps.find(({ id }) => id === step.id)?.commands ?? [];
  return {
    outputs: commands.map(({ output }) => output),
    statuses: commands.map(({ status }) => status),
  };
}

/** In the page: runs the steps of each life in a worker of its own. */
async function runInWorkers(order: {
  url: string;
  atOnce: number;
  lives: { lab: string; steps: FencedStep[] }[];
}): Promise<(Run[] | string)[]> {
  const results: (Run[] | string)[] = [];
  const live = ({ lab, steps }: { lab: string; steps: FencedStep[] }): Promise<Run[] | string> =>
    new Promise((resolve) => {
      const worker = new Worker(order.url, { type: 'module' });
      const runs: Run[] = steps.map(({ commands }) => ({
        outputs: commands.map(() => ''),
        statuses: commands.map(() => -1),
      }));
      const typedInto = new Map<number, [run: Run, command: number]>();
      const over = (result: Run[] | string): void => {
        worker.terminate();
        resolve(result);
      };
      worker.onerror = (event) => over(`error: ${event.message}`);
      worker.onmessage = ({ data }: MessageEvent<FromLab>) => {
        const run = 'job' in data ? runs[data.job] : undefined;
        if (data.type === 'output' && run) run.outputs[data.command] += data.text;
        else if (data.type === 'status' && run) run.statuses[data.command] = data.status;
        else if (data.type === 'opened' && run) typedInto.set(data.terminal, [run, data.command]);
        else if (data.type === 'screen') {
          const [typed, command] = typedInto.get(data.terminal) ?? [];
          if (typed && command !== undefined && typed.statuses[command] === -1)
            typed.outputs[command] += data.text;
        } else if (data.type === 'fault') over(`fault: ${data.text}`);
        else if (data.type === 'done' && data.job === steps.length - 1) over(runs);
      };
      worker.postMessage({ type: 'open', lab });
      steps.forEach((step, job) => {
        worker.postMessage({ type: 'run', job, step, quick: true });
      });
    });
  let next = 0;
  const line = async (): Promise<void> => {
    for (let at = next++; at < order.lives.length; at = next++) {
      const one = order.lives[at];
      if (one) results[at] = await live(one);
    }
  };
  await Promise.all(Array.from({ length: order.atOnce }, line));
  return results;
}

test('every example of every note prints in a browser what it printed in Node', async ({
  page,
  baseURL,
}) => {
  test.setTimeout(600_000);
  const all = lives();
  const file = globSync('dist/assets/worker-*.js')[0];
  expect(file).toBeDefined();
  const url = `${baseURL}assets/${basename(file ?? '')}`;
  await page.goto('404.html');
  const began = performance.now();
  const plain = all.map(({ lab, steps }) => ({ lab, steps }));
  const ran = await page.evaluate(runInWorkers, { url, atOnce: AT_ONCE, lives: plain });
  console.log(`${all.length} labs, ${Math.round((performance.now() - began) / 1000)} s`);
  let examples = 0;
  const different = all.flatMap((life, i) => {
    const result = ran[i];
    if (!Array.isArray(result)) return [`${life.note}: ${result}`];
    return life.steps.flatMap((step, at) => {
      examples++;
      const wanted = built(life, step);
      const { outputs = [], statuses = [] } = result[at] ?? {};
      const printed = step.commands.map((command, k) =>
        command.typed.length > 0 ? shownInTerminal(command, outputs[k] ?? '') : (outputs[k] ?? ''),
      );
      const same =
        JSON.stringify([printed, statuses]) === JSON.stringify([wanted.outputs, wanted.statuses]);
      const told = { browser: [printed, statuses], node: [wanted.outputs, wanted.statuses] };
      return same ? [] : [`${life.note} ${step.id}: ${JSON.stringify(told, undefined, 1)}`];
    });
  });
  expect(different.join('\n')).toBe('');
  expect(examples).toBeGreaterThan(0);
});
