// Opens a lab in the built site's worker, under Node, runs a command in it, and prints as JSON which scripts the worker
// fetched: `node bench/lab-code.ts WORKER LAB COMMAND`. A process of its own, as a page has a worker of its own.

import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FromLab, ToLab } from '../src/worker/messages.ts';

/** The scripts by file name: those that switching on needed, and those that were there after the command. */
export interface FetchedCode {
  readonly on: readonly string[];
  readonly used: readonly string[];
  readonly status: number;
}

const [worker = '', lab = '', text = ''] = process.argv.slice(2);
const fetched = new Set<string>();
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) fetched.add(fileURLToPath(url));
    return next(url, context);
  },
});

type Listener = (event: { readonly data: ToLab }) => void;

let tell: Listener | undefined;
let hear: (message: FromLab) => void = () => undefined;
Object.assign(globalThis, {
  addEventListener: (_type: string, listener: Listener) => {
    tell = listener;
  },
  postMessage: (message: FromLab) => hear(message),
});

/** Sends a message and waits for the answer that `ends` takes. */
function ask(data: ToLab, ends: (message: FromLab) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    hear = (message) => {
      if (message.type === 'fault') reject(new Error(message.text));
      else if (ends(message)) resolve();
    };
    tell?.({ data });
  });
}

await import(pathToFileURL(worker).href);
await ask({ type: 'open', lab }, ({ type }) => type === 'ready');
const on = [...fetched];
let status = 0;
const command = { text, typed: [] };
const step = { id: 'bench', lab, fresh: false, hidden: false, commands: [command] };
const run = { ...step, file: undefined, exits: [], lasts: undefined };
await ask({ type: 'run', job: 1, step: run, quick: true }, (message) => {
  if (message.type === 'status') status = message.status;
  return message.type === 'done';
});
const answer: FetchedCode = { on, used: [...fetched], status };
process.stdout.write(JSON.stringify(answer), () => process.exit(0));
