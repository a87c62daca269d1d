// kubectl wait: until a condition, a path's value, creation or deletion.

import { SECOND } from '../../../core/time.ts';
import { type Routine, sleepUntil } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { kindName, pathOf } from '../discovery.ts';
import { Failure, failure } from '../failure.ts';
import { throwAll } from '../manifests.ts';
import { JsonPathError, parseJsonPath, relaxedPath, show } from '../output/jsonpath.ts';
import { printerOf } from '../output/printers.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, flagText, hasFiles, nothingNamed, type Target, targetsOf } from '../targets.ts';

export const wait: Command = {
  name: 'wait',
  run: runWait,
};

type Test = 'create' | 'delete' | ((object: KubeObject) => boolean);

function testOf(text: string): Test {
  if (text.toLowerCase() === 'delete') return 'delete';
  if (text.toLowerCase() === 'create') return 'create';
  const condition = /^condition=([^=]*)(?:=(.*))?$/.exec(text);
  if (condition) {
    const [, name = '', value = 'true'] = condition;
    return (object) => {
      const { conditions = [], observedGeneration } = (object.status ?? {}) as {
        conditions?: { type: string; status: string; observedGeneration?: number }[];
        observedGeneration?: number;
      };
      const found = conditions.find((one) => one.type.toLowerCase() === name.toLowerCase());
      const seen = found?.observedGeneration ?? observedGeneration;
      if (!found || (seen !== undefined && seen < (object.metadata?.generation ?? 0))) return false;
      return found.status.toLowerCase() === value.toLowerCase();
    };
  }
  if (text.startsWith('jsonpath=')) return pathTest(text.slice('jsonpath='.length));
  throw failure(`unrecognized condition: ${JSON.stringify(text)}`);
}

function pathTest(text: string): Test {
  const close = text.startsWith('{')
    ? text.lastIndexOf('}') + 1
    : text.indexOf('=') < 0
      ? text.length
      : text.indexOf('=');
  const expression = text.startsWith('{') && close === 0 ? text : text.slice(0, close);
  const rest = text.startsWith('{') && close === 0 ? '' : text.slice(close);
  const path = relaxedPath(expression);
  if (path === undefined) {
    throw failure(
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
  }
  if (rest === '=') throw failure('jsonpath wait value cannot be empty');
  const wanted = rest === '' ? undefined : rest.slice(1).replace(/^(["'])(.*)\1$/, '$2');
  try {
    const parsed = parseJsonPath(path, true);
    return (object) => {
      const found = parsed.find(object).flat();
      if (found.length === 0) return false;
      if (wanted === undefined) return found[0] !== undefined && found[0] !== null;
      return show(found[0]) === wanted;
    };
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw failure(error.message);
  }
}

function* runWait(call: Call): Routine<void> {
  const { values } = call;
  const wanted = values.all('for');
  if (call.args.length === 0 && !hasFiles(call)) throw nothingNamed();
  if (wanted.length === 0) throw failure('unrecognized condition: []');
  const tests = wanted.map(testOf);
  const timeout = values.duration('timeout');
  const until = call.main.process.now + (timeout < 0 ? 7 * 24 * 3600 * SECOND : timeout);
  const printer = values.text('output') === '' ? undefined : yield* printerOf(call);
  const failures: Failure[] = [];
  const creating = tests.includes('create');
  const named = yield* targetsOf(call, {}, failures);
  throwAll(failures);
  if (creating) yield* waitCreated(call, named, until, timeout === 0);
  const lost: Failure[] = [];
  const gone = tests.includes('delete');
  const targets: Target[] = yield* fetchAll(call, named, lost);
  failures.push(...lost.filter((one) => !(gone && one.status?.reason === 'NotFound')));
  if (targets.length === 0 && failures.length === 0 && !gone)
    throw failure('no matching resources found');
  for (const target of targets) {
    try {
      const object = yield* waitOne(call, target, tests, until, timeout === 0);
      if (printer && object) yield* call.out(printer.print(object));
      else if (!gone)
        yield* call.out(`${kindName(target.resource)}/${target.name} condition met\n`);
      yield* call.main.out.flush();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  throwAll(failures.length > 1 ? failures.map((one) => new Failure(one.message)) : failures);
  if (flagText(call, 'selector') && targets.length === 0 && !gone)
    throw failure('no matching resources found');
}

const PAUSE = SECOND / 10;

function* waitCreated(
  call: Call,
  targets: readonly Target[],
  until: number,
  once: boolean,
): Routine<void> {
  for (;;) {
    const missing: Failure[] = [];
    const found = yield* fetchAll(call, targets, missing);
    if (missing.length === 0 && found.length > 0) return;
    const other = missing.find((one) => one.status?.reason !== 'NotFound');
    if (other) throw other;
    if (once || call.main.process.now >= until)
      throw failure('timed out waiting for the condition');
    yield* sleepUntil(Math.min(until, call.main.process.now + PAUSE));
  }
}

function* waitOne(
  call: Call,
  target: Target,
  tests: readonly Test[],
  until: number,
  once: boolean,
): Routine<KubeObject | undefined> {
  const client = yield* call.client();
  const { resource, namespace, name } = target;
  const what = `${resource.plural}/${name}`;
  for (;;) {
    let object: KubeObject | undefined;
    try {
      object = yield* client.call('GET', pathOf(resource, namespace, name));
    } catch (error) {
      if (!(error instanceof Failure) || error.status?.reason !== 'NotFound') throw error;
      if (tests.includes('delete')) {
        yield* call.out(`${kindName(resource)}/${name} condition met\n`);
        return undefined;
      }
      throw error;
    }
    const current = object;
    if (tests.every((test) => test === 'create' || (test !== 'delete' && test(current))))
      return object;
    if (once) throw failure(`condition not met for ${what}`);
    if (call.main.process.now >= until)
      throw failure(`timed out waiting for the condition on ${what}`);
    yield* sleepUntil(Math.min(until, call.main.process.now + PAUSE));
  }
}
