// kubectl set env: variables of pod templates from the command line, from a ConfigMap or a Secret, and their list.
// Left out: variables read from standard input, and --resolve of container resources.

import type { Routine } from '../../../core/wait.ts';
import { textOfBase64 } from '../../../core/base64.ts';
import { plainEnvironmentName } from '../../api/validation/names.ts';
import type { Call } from '../command.ts';
import { pathOf, resourceOfKind } from '../discovery.ts';
import { Failure, failure } from '../failure.ts';
import { throwAll } from '../manifests.ts';
import type { KubeObject } from '../rest.ts';
import { checkTogether, fetchAll, hasFiles, targetsOf } from '../targets.ts';
import { type Container, change, podSpecOf } from './set.ts';

interface KeyRef {
  readonly name: string;
  readonly key: string;
}
interface ValueFrom {
  readonly configMapKeyRef?: KeyRef;
  readonly secretKeyRef?: KeyRef;
  readonly fieldRef?: { readonly fieldPath: string };
  readonly resourceFieldRef?: { readonly containerName?: string; readonly resource: string };
}
export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: ValueFrom;
}

/** What a command line asks for. */
interface Wanted {
  readonly env: readonly EnvVar[];
  readonly remove: readonly string[];
}

/** Runs `kubectl set env`; the words from the first `NAME=value` or `NAME-` on are changes. */
export function* env(call: Call): Routine<void> {
  const isChange = (word: string): boolean => word.indexOf('=') > 0 || word.endsWith('-');
  const first = call.args.findIndex(isChange);
  const upTo = first < 0 ? call.args.length : first;
  const words = call.args.slice(upTo);
  if (!words.every(isChange)) {
    const all = call.args.join(' ');
    throw failure(`all resources must be specified before environment changes: ${all}`);
  }
  const from = call.values.text('from');
  checkTogether(call);
  if (upTo === 0 && !hasFiles(call))
    throw failure(
      'one or more resources must be specified as <resource> <name> or <resource>/<name>',
    );
  if (call.values.is('list') && call.values.text('output') !== '')
    throw failure('--list and --output may not be specified together');
  if (call.values.list('keys').length > 0 && from === '') {
    throw failure('when specifying --keys, a configmap or secret must be provided with --from');
  }
  const wanted = yield* wantedOf(call, [...call.values.all('env'), ...words], from);
  if (call.values.is('list')) return yield* list(call, upTo, wanted);
  const containers = call.values.text('containers');
  yield* change(
    call,
    upTo,
    'env updated',
    'env update to pod template:',
    function* (spec, { resource, name: object }) {
      const chosen = [...spec.containers, ...(spec.initContainers ?? [])].filter(({ name }) =>
        matches(name, containers),
      );
      if (chosen.length === 0)
        yield* call.err(
          `Warning: ${resource.kind}/${object} does not have any containers matching "${containers}"\n`,
        );
      for (const container of chosen) update(call, container, wanted, resource.plural, object);
    },
  );
}

function* wantedOf(call: Call, words: readonly string[], from: string): Routine<Wanted> {
  const env: EnvVar[] = [];
  const remove: string[] = [];
  for (const word of words) {
    const at = word.indexOf('=');
    if (word === '-')
      throw new Failure('drydock: kubectl set env - (standard input) is not simulated', 125);
    const mistakes = at < 0 ? [] : plainEnvironmentName(word.slice(0, at));
    if (mistakes.length > 0)
      throw failure(`"${word.slice(0, at)}" is not a valid key name: ${mistakes.join(';')}`);
    if (at >= 0) env.push({ name: word.slice(0, at), value: word.slice(at + 1) });
    else remove.push(word.slice(0, -1));
  }
  if (remove.some((name) => env.some((one) => one.name === name))) {
    throw failure(
      'can not both modify and remove the same environment variable in the same command',
    );
  }
  if (from !== '') env.push(...(yield* importedFrom(call, from)));
  const prefix = call.values.text('prefix');
  return { env: env.map((one) => ({ ...one, name: `${prefix}${one.name}` })), remove };
}

/** A variable for each chosen key of a ConfigMap or Secret, in capitals, by reference. */
function* importedFrom(call: Call, from: string): Routine<EnvVar[]> {
  const failures: Failure[] = [];
  const targets = yield* targetsOf({ ...call, args: [from] }, { upTo: 1 }, failures);
  const objects = yield* fetchAll(call, targets, failures);
  throwAll(failures);
  const keys = call.values.list('keys');
  const found: EnvVar[] = [];
  for (const { object, resource, name } of objects) {
    if (resource.kind !== 'Secret' && resource.kind !== 'ConfigMap') {
      throw failure('unsupported resource specified in --from');
    }
    for (const key of Object.keys((object.data as object | undefined) ?? {}).sort()) {
      if (keys.length > 0 && !keys.includes(key)) continue;
      const variable = key.replace(/[^a-zA-Z0-9_]/g, '_').toUpperCase();
      if (variable !== key) yield* call.err(`Warning: key ${key} transferred to ${variable}\n`);
      const ref = { name, key };
      const valueFrom =
        resource.kind === 'Secret' ? { secretKeyRef: ref } : { configMapKeyRef: ref };
      found.push({ name: variable, valueFrom });
    }
  }
  return found;
}

/** Later variables replace those of the same name in place; removal wins over both. */
function update(
  call: Call,
  container: Container,
  { env, remove }: Wanted,
  plural: string,
  name: string,
): void {
  const before = container.env ?? [];
  if (!call.values.is('overwrite')) {
    const clash = before.find(({ name }) => env.some((one) => one.name === name));
    if (clash) {
      throw failure(
        `${plural}/${name} '${clash.name}' already has a value (${clash.value ?? ''}), and --overwrite is false`,
      );
    }
  }
  const after = new Map(before.map((one) => [one.name, one]));
  for (const one of env) after.set(one.name, one);
  for (const name of remove) after.delete(name);
  if (after.size > 0 || container.env) container.env = [...after.values()];
}

/** `*` stands for any text, as in `--containers='side*'`. */
export function matches(name: string, spec: string): boolean {
  const parts = spec.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

function* list(call: Call, upTo: number, wanted: Wanted): Routine<void> {
  const failures: Failure[] = [];
  const targets = yield* targetsOf(call, { upTo }, failures);
  for (const { object, resource, name } of yield* fetchAll(call, targets, failures)) {
    const spec = podSpecOf(JSON.parse(JSON.stringify(object)) as KubeObject);
    for (const container of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]) {
      if (!matches(container.name, call.values.text('containers'))) continue;
      update(call, container, wanted, resource.plural, name);
      yield* call.out(`# ${resource.kind} ${name}, container ${container.name}\n`);
      for (const one of container.env ?? []) yield* call.out(`${yield* listed(call, one)}\n`);
    }
  }
  throwAll(failures);
}

function* listed(call: Call, { name, value = '', valueFrom }: EnvVar): Routine<string> {
  if (!valueFrom) return `${name}=${value}`;
  if (!call.values.is('resolve')) return `# ${name} from ${described(valueFrom)}`;
  const ref = valueFrom.secretKeyRef ?? valueFrom.configMapKeyRef;
  if (!ref) throw new Failure('drydock: kubectl set env --resolve of fields is not simulated', 125);
  const kind = valueFrom.secretKeyRef ? 'Secret' : 'ConfigMap';
  const resource = resourceOfKind(yield* call.discovery(), 'v1', kind);
  if (!resource) throw failure(`the server doesn't have a resource type "${kind}"`);
  const client = yield* call.client();
  const object = yield* client.call('GET', pathOf(resource, yield* call.namespace(), ref.name));
  const text = (object.data as Record<string, string> | undefined)?.[ref.key] ?? '';
  return `${name}=${kind === 'Secret' ? textOfBase64(text) : text}`;
}

function described(from: ValueFrom): string {
  const { configMapKeyRef: map, secretKeyRef: secret, fieldRef, resourceFieldRef } = from;
  if (map) return `configmap ${map.name}, key ${map.key}`;
  if (secret) return `secret ${secret.name}, key ${secret.key}`;
  if (fieldRef) return `field path ${fieldRef.fieldPath}`;
  if (!resourceFieldRef) return 'invalid valueFrom';
  const { containerName, resource } = resourceFieldRef;
  return `resource field ${containerName ? `${containerName}/` : ''}${resource}`;
}
