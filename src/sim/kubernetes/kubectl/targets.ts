// Which objects a command is about: TYPE NAME…, TYPE/NAME…, TYPE,TYPE, selectors, files (cli-runtime's resource builder).

import type { Routine } from '../../core/wait.ts';
import type { Status } from '../api/status.ts';
import type { Call } from './command.ts';
import {
  type ApiResource,
  ambiguous,
  fullName,
  inCategory,
  needResource,
  pathOf,
} from './discovery.ts';
import { Failure, failure, refusal } from './failure.ts';
import { mapManifests, readManifests } from './manifests.ts';
import type { KubeObject, RestOptions } from './rest.ts';

/** One thing named: an object, or a whole collection where there is no name. */
export interface Target {
  readonly resource: ApiResource;
  readonly namespace: string;
  readonly name: string;
  /** The file that it comes from, and what stands there. */
  readonly source?: string;
  readonly object?: KubeObject;
}

/** The complaint where nothing was named. */
export function nothingNamed(): Failure {
  return failure(`You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`);
}

/** What may be left out. */
export interface TargetRules {
  /** A bare type means all objects of it. */
  readonly wholeTypes?: boolean;
  /** The first of the arguments that are no resources (changes of labels, images). */
  readonly upTo?: number;
  /** --selector is not about the objects: expose gives it to the service that it makes. */
  readonly selectorIsOther?: boolean;
  /** A word without a slash is this type's. */
  readonly defaultType?: string;
}

/** True where files were given. */
export function hasFiles(call: Call): boolean {
  return (
    call.values.all('filename').some((path) => path !== '') || flagText(call, 'kustomize') !== ''
  );
}

/** A flag's text where the command has it. */
export function flagText(call: Call, name: string): string {
  return call.values.changed(name) ? call.values.text(name) : '';
}

/** A switch's value where the command has it. */
export function flagIs(call: Call, name: string): boolean {
  return call.values.changed(name) && call.values.is(name);
}

/** What --all, --selector, --local and --dry-run may not be together. */
export function checkTogether(call: Call): void {
  const { values } = call;
  if (values.is('local') && values.text('dry-run') === 'server')
    throw failure('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
  if (values.is('all') && flagText(call, 'selector') !== '')
    throw failure('cannot set --all and --selector at the same time');
}

/** Reads the command line's targets. Failures of files are collected in `failures`. */
export function* targetsOf(
  call: Call,
  rules: TargetRules,
  failures: Failure[] = [],
): Routine<Target[]> {
  const words = call.args.slice(0, rules.upTo ?? call.args.length);
  if (hasFiles(call)) {
    if (words.length > 0)
      throw failure(
        'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
      );
    const read = yield* readManifests(call);
    failures.push(...read.failures);
    const mapped = yield* mapManifests(call, read.manifests, failures);
    return mapped.map(({ object, resource, namespace, source }) => ({
      resource,
      namespace,
      source,
      object,
      name: object.metadata?.name ?? '',
    }));
  }
  if (words.length === 0) throw nothingNamed();
  return yield* namedTargets(call, words, rules);
}

function* namedTargets(
  call: Call,
  words: readonly string[],
  rules: TargetRules,
): Routine<Target[]> {
  const discovery = yield* call.discovery();
  const everywhere = flagIs(call, 'all-namespaces');
  const namespace = everywhere ? '' : yield* call.namespace();
  const target = (resource: ApiResource, name: string): Target => ({
    resource,
    name,
    namespace: resource.namespaced ? namespace : '',
  });
  const [first = '', ...names] = words;
  const find = function* (word: string): Routine<ApiResource> {
    try {
      for (const other of ambiguous(discovery, word))
        yield* call.err(
          `Warning: short name "${word}" could also match lower priority resource ${fullName(other)}\n`,
        );
      return needResource(discovery, word);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return needResource(yield* call.rediscover(), word);
    }
  };
  const selects =
    flagText(call, 'selector') || flagText(call, 'field-selector') || flagIs(call, 'all');
  const selectsNames = selects && !rules.selectorIsOther;
  if (words.some((word) => word.includes('/'))) {
    if (selectsNames)
      throw failure(
        'selectors and the all flag cannot be used when passing resource/name arguments',
      );
    const out: Target[] = [];
    for (const word of words) {
      const [type = '', name = '', ...more] = word.split('/');
      if (!word.includes('/')) {
        if (rules.defaultType) {
          out.push(target(yield* find(rules.defaultType), word));
          continue;
        }
        throw failure(
          `there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'`,
        );
      }
      if (more.length > 0)
        throw failure('arguments in resource/name form may not have more than one slash');
      if (type === '' || name === '') {
        throw failure(`arguments in resource/name form must have a single resource and name`);
      }
      if (type.includes(','))
        throw failure('arguments in resource/name form must have a single resource and name');
      out.push(target(yield* find(type), name));
    }
    return out;
  }
  if (rules.defaultType) {
    const resource = yield* find(rules.defaultType);
    return words.map((word) => target(resource, word));
  }
  const resources: ApiResource[] = [];
  for (const word of first.split(',')) {
    if (word === '') throw failure('arguments must consist of a resource or a resource and name');
    const category = inCategory(discovery, word);
    for (const one of category.length > 0 ? category : [yield* find(word)]) {
      if (!resources.includes(one)) resources.push(one);
    }
  }
  if (names.length > 0) {
    if (selectsNames) throw failure('name cannot be provided when a selector is specified');
    if (everywhere) throw failure('a resource cannot be retrieved by name across all namespaces');
    return resources.flatMap((resource) => names.map((name) => target(resource, name)));
  }
  if (!rules.wholeTypes && !selects)
    throw failure('resource(s) were provided, but no name was specified');
  return resources.map((resource) => target(resource, ''));
}

/** A refusal of a list, with what was asked for (cli-runtime's EnhanceListError). */
export function enhancedListError(error: Failure, resource: ApiResource, call: Call): Failure {
  const { status } = error;
  if (!status || (status.reason !== 'BadRequest' && status.reason !== 'NotFound')) return error;
  const { group, version, plural } = resource;
  const what = `"${group}/${version}, Resource=${plural}"`;
  const { labelSelector = '', fieldSelector = '' } = selectorQuery(call);
  const doing =
    labelSelector === '' && fieldSelector === ''
      ? `Unable to list ${what}`
      : `Unable to find ${what} that match label selector ${JSON.stringify(labelSelector)}, field selector ${JSON.stringify(fieldSelector)}`;
  return refusal(namedRefusal(status, resource, ''), doing);
}

/** A 404 that says nothing of its own names the request (errors.NewGenericServerResponse). */
export function namedRefusal(status: Status, resource: ApiResource, name: string): Status {
  if (status.message !== 'the server could not find the requested resource') return status;
  const what = `${fullName(resource)}${name === '' ? '' : ` ${name}`}`;
  return { ...status, message: `${status.message} (get ${what})` };
}

/** What selects among a collection. */
export function selectorQuery(call: Call): Record<string, string> {
  return {
    labelSelector: flagText(call, 'selector'),
    fieldSelector: flagText(call, 'field-selector'),
  };
}

/** Every object of the targets, read from the server. Refusals are collected. */
export function* fetchAll(
  call: Call,
  targets: readonly Target[],
  failures: Failure[],
  options: RestOptions = {},
): Routine<(Target & { object: KubeObject })[]> {
  const client = yield* call.client();
  const out: (Target & { object: KubeObject })[] = [];
  for (const target of targets) {
    const { resource, namespace, name } = target;
    try {
      if (name !== '') {
        const object = yield* client.call('GET', pathOf(resource, namespace, name), options);
        out.push({ ...target, object });
        continue;
      }
      const list = yield* listed(call, resource, namespace, options);
      out.push(
        ...itemsOf(list, resource).map((object) => ({
          resource,
          object,
          namespace: object.metadata?.namespace ?? '',
          name: object.metadata?.name ?? '',
        })),
      );
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  return out;
}

function* listed(
  call: Call,
  resource: ApiResource,
  namespace: string,
  options: RestOptions,
): Routine<KubeObject> {
  const client = yield* call.client();
  const query = { ...options.query, ...selectorQuery(call) };
  try {
    return yield* client.call('GET', pathOf(resource, namespace), { ...options, query });
  } catch (error) {
    throw error instanceof Failure ? enhancedListError(error, resource, call) : error;
  }
}

/** The items of a list, each with its own kind. */
export function itemsOf(list: KubeObject, resource: ApiResource): KubeObject[] {
  const apiVersion = list.apiVersion ?? '';
  return ((list.items ?? []) as KubeObject[]).map((item) => ({
    ...item,
    apiVersion: item.apiVersion ?? apiVersion,
    kind: item.kind ?? resource.kind,
  }));
}
