// kubectl api-resources, api-versions, version, options.

import type { Routine } from '../../../core/wait.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import { KUBERNETES_VERSION } from '../../api/discovery/version.ts';
import type { Call, Command } from '../command.ts';
import { type Discovery, fullName, groupVersion } from '../discovery.ts';
import { failure, Unreachable, usageFailure } from '../failure.ts';
import { GLOBAL_FLAGS } from '../global-flags.ts';
import { toJson } from '../output/json.ts';
import { TABLE, tabulate } from '../output/tabwriter.ts';
import { flagTexts } from '../usage.ts';

export const apiResources: Command = {
  name: 'api-resources',
  run: runResources,
};

function* runResources(call: Call): Routine<void> {
  const { values } = call;
  if (call.args.length > 0)
    throw usageFailure('kubectl api-resources', `unexpected arguments: [${call.args.join(' ')}]`);
  const output = values.text('output');
  if (!['', 'name', 'wide'].includes(output)) throw failure(`--output ${output} is not available`);
  const sortBy = values.text('sort-by');
  if (!['', 'name', 'kind'].includes(sortBy)) throw failure('--sort-by accepts only name or kind');
  if (!values.is('cached')) yield* call.forgetDiscovery();
  const { resources } = yield* call.discovery();
  const seen = new Map<string, string>();
  const verbs = values.list('verbs');
  const categories = values.list('categories');
  const chosen = resources.filter((one) => {
    const preferred = seen.get(`${one.group}/${one.plural}`) ?? one.version;
    seen.set(`${one.group}/${one.plural}`, preferred);
    if (preferred !== one.version) return false;
    if (values.changed('api-group') && one.group !== values.text('api-group')) return false;
    if (values.changed('namespaced') && one.namespaced !== values.is('namespaced')) return false;
    if (!verbs.every((verb) => one.verbs.includes(verb))) return false;
    return categories.every((category) => one.categories.includes(category));
  });
  const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  chosen.sort((a, b) => {
    if (sortBy === 'name') return byName(a.plural, b.plural);
    if (sortBy === 'kind') return byName(a.kind, b.kind);
    return byName(a.group, b.group) || byName(a.plural, b.plural);
  });
  if (output === 'name') {
    yield* call.out(chosen.map((one) => `${fullName(one)}\n`).join(''));
    return;
  }
  const wide = output === 'wide';
  const heads = [
    'NAME',
    'SHORTNAMES',
    'APIVERSION',
    'NAMESPACED',
    'KIND',
    ...(wide ? ['VERBS', 'CATEGORIES'] : []),
  ];
  const rows = chosen.map((one) => [
    one.plural,
    one.shortNames.join(','),
    groupVersion(one),
    String(one.namespaced),
    one.kind,
    ...(wide ? [[...one.verbs].sort().join(','), one.categories.join(',')] : []),
  ]);
  const lines = [...(values.is('no-headers') ? [] : [heads]), ...rows].map(
    (cells) => `${cells.join('\t')}\n`,
  );
  yield* call.out(tabulate(lines.join(''), TABLE));
}

export const apiVersions: Command = {
  name: 'api-versions',
  *run(call) {
    if (call.args.length > 0)
      throw usageFailure('kubectl api-versions', `unexpected arguments: [${call.args.join(' ')}]`);
    yield* call.forgetDiscovery();
    const { groupVersions } = yield* discoveryOrSay(call);
    yield* call.out(
      [...groupVersions]
        .sort()
        .map((one) => `${one}\n`)
        .join(''),
    );
  },
};

/** Discovery, its failure in this command's words. */
function* discoveryOrSay(call: Call): Routine<Discovery> {
  try {
    return yield* call.discovery();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    throw failure(`couldn't get available api versions from server: ${error.detail}`);
  }
}

const CLIENT = {
  major: '1',
  minor: '36',
  gitVersion: KUBERNETES_VERSION,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '',
  goVersion: 'go1.26',
  compiler: 'gc',
  platform: 'linux/amd64',
};

export const version: Command = {
  name: 'version',
  *run(call) {
    if (call.args.length > 0) throw failure(`extra arguments: [${call.args.join(' ')}]`);
    const output = call.values.text('output');
    if (!['', 'yaml', 'json'].includes(output)) throw failure("--output must be 'yaml' or 'json'");
    const server = call.values.is('client')
      ? undefined
      : yield* (yield* call.client()).call('GET', '/version');
    if (output === '') {
      yield* call.out(`Client Version: ${CLIENT.gitVersion}\nKustomize Version: v5.8.1\n`);
      if (server) yield* call.out(`Server Version: ${String(server.gitVersion)}\n`);
      return;
    }
    const document = {
      clientVersion: CLIENT,
      kustomizeVersion: 'v5.8.1',
      ...(server ? { serverVersion: server } : {}),
    };
    yield* call.out(output === 'json' ? toJson(document, 2) : toYaml(document));
  },
};

export const options: Command = {
  name: 'options',
  *run(call) {
    const flags = flagTexts(GLOBAL_FLAGS).join('\n\n');
    yield* call.out(`The following options can be passed to any command:\n\n${flags}\n\n`);
  },
};
