// docker inspect and the inspect commands of each kind: one JSON array, or a template for each object.

import type { Routine } from '../../core/wait.ts';
import { compileTemplate, type Template, TemplateError } from '../../userland/template/execute.ts';
import { goJson, goJsonIndented } from '../../userland/template/values.ts';
import { Api, type CallError, isCallError } from './api.ts';
import type { Action, Call } from './command.ts';
import { complain, fail } from './output.ts';

type Lookup = (api: Api, name: string, size: boolean) => Routine<unknown>;

const quoted = (name: string): string => encodeURIComponent(name);

/** Kinds in the order in which `docker inspect` tries them. */
const KINDS: Readonly<Record<string, Lookup>> = {
  container: (api, name, size) => api.get(`/containers/${quoted(name)}/json`, { size }),
  image: (api, name) => api.get(`/images/${quoted(name)}/json`),
  network: (api, name) => api.get(`/networks/${quoted(name)}`),
  volume: (api, name) => api.get(`/volumes/${quoted(name)}`),
  service: (api, name) => api.get(`/services/${quoted(name)}`),
  task: (api, name) => api.get(`/tasks/${quoted(name)}`),
  node: (api, name) => api.get(`/nodes/${quoted(name)}`),
  plugin: (api, name) => api.get(`/plugins/${quoted(name)}/json`),
  secret: (api, name) => api.get(`/secrets/${quoted(name)}`),
  config: (api, name) => api.get(`/configs/${quoted(name)}`),
};
/** Not there, not asked in the right way, or no manager of a swarm. */
const ELSEWHERE = [404, 400, 503];
const TYPES = [
  'config',
  'container',
  'image',
  'network',
  'node',
  'plugin',
  'secret',
  'service',
  'task',
  'volume',
];

function* findAny(api: Api, name: string, size: boolean): Routine<unknown> {
  for (const lookup of Object.values(KINDS)) {
    const found = yield* lookup(api, name, size);
    if (!isCallError(found) || !ELSEWHERE.includes(found.status)) return found;
  }
  return `Error: No such object: ${name}`;
}

/** Looks every name up and prints what was found, then what was not. Objects of the client's own are `written` by it. */
export function* inspectAll(
  call: Call,
  lookup: (api: Api, name: string) => Routine<unknown>,
  written: (text: string) => string = (text) => text,
): Routine<number> {
  const { flags, args, main } = call;
  const format = flags.text('format');
  let template: Template | undefined;
  try {
    template = format === '' || format === 'json' ? undefined : compileTemplate(format);
  } catch (thrown) {
    if (!(thrown instanceof TemplateError)) throw thrown;
    return yield* fail(call, `template parsing error: ${thrown.message}`, 64);
  }
  const api = new Api(main.process, call.host);
  const found: unknown[] = [];
  const failures: string[] = [];
  for (const name of args) {
    const object = yield* lookup(api, name);
    if (typeof object === 'string') failures.push(object);
    else if (isCallError(object)) failures.push((object as CallError).text);
    else found.push(object);
  }
  let out = '';
  if (template) {
    for (const object of found) {
      try {
        out += `${template.execute(object)}\n`;
      } catch (thrown) {
        if (!(thrown instanceof TemplateError)) throw thrown;
        main.out.put(out === '' ? '\n' : out);
        return yield* fail(call, `template parsing error: ${thrown.message}`);
      }
    }
    if (found.length === 0) out = '\n';
  } else if (format === 'json')
    out = `[${found.map((object) => written(goJson(object))).join(',')}]\n`;
  else out = found.length === 0 ? '[]\n' : `${written(goJsonIndented(found))}\n`;
  main.out.put(out);
  yield* main.out.flush();
  if (failures.length === 0) return 0;
  yield* complain(main, failures.join('\n'));
  return 1;
}

const inspectObject: Action = function* (call) {
  const type = call.flags.text('type');
  if (call.flags.given('type') && !TYPES.includes(type)) {
    return yield* fail(
      call,
      `unknown type: ${JSON.stringify(type)}: must be one of ${TYPES.map((t) => JSON.stringify(t)).join(', ')}`,
    );
  }
  const kind = KINDS[type];
  const size = call.flags.on('size');
  return yield* inspectAll(call, (api, name) =>
    kind ? kind(api, name, size) : findAny(api, name, size),
  );
};

/** `docker KIND inspect`. */
function inspectKind(kind: string): Action {
  return function* (call) {
    const size = call.flags.given('size') && call.flags.on('size');
    return yield* inspectAll(call, (api, name) => (KINDS[kind] ?? findAny)(api, name, size));
  };
}

export const inspectActions: Readonly<Record<string, Action>> = {
  inspect: inspectObject,
  'container inspect': inspectKind('container'),
  'image inspect': inspectKind('image'),
  'network inspect': inspectKind('network'),
  'volume inspect': inspectKind('volume'),
};
