// docker compose config: the project in its canonical form, or parts of it.

import { encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { notSimulated } from '../../../userland/libc/stdio.ts';
import { writeFile } from '../../../userland/libc/whole-file.ts';
import { structToYaml } from '../../../userland/yaml/write.ts';
import { tabulate } from '../../cli/output.ts';
import { serviceHash } from '../model/hash.ts';
import { keysSorted } from '../model/encode.ts';
import { checkContainerNames } from '../model/consistency.ts';
import { openProject, openTree, resolveEnvFiles } from '../model/open.ts';
import { imageOf, type Project, serviceNames, withDependencies } from '../model/project.ts';
import { variablesOf } from '../model/template.ts';
import { ComposeProblem } from '../model/tree.ts';
import { goIndented, projectText } from '../model/write.ts';
import type { ComposeAction, ComposeCall } from './call.ts';

function loadOptions({ flags }: ComposeCall): Parameters<typeof openTree>[1] {
  return {
    interpolate: !flags.on('no-interpolate') && !flags.on('variables'),
    normalize: !flags.on('no-normalize'),
    resolvePaths: !flags.on('no-path-resolution'),
    consistency: !flags.on('no-consistency'),
  };
}

/** Prints names of a project's parts, one a line. */
function listing(
  names: (project: Project, call: ComposeCall) => readonly string[],
  takesServices = false,
): ComposeAction {
  return function* (call) {
    const services = takesServices ? call.args : [];
    const project = yield* openProject(call.options, services, loadOptions(call));
    yield* call.main.err.flush();
    for (const name of names(project, call)) call.main.out.put(`${name}\n`);
    return 0;
  };
}

const LISTINGS: Readonly<Record<string, ComposeAction>> = {
  services: listing((project) => withDependencies(project, [])),
  volumes: listing(({ volumes }) => Object.keys(volumes)),
  networks: listing(({ networks }) => Object.keys(networks)),
  models: listing(({ models }) => Object.values(models).map(({ model }) => String(model))),
  hash: listing((project, { flags }) => {
    const wanted = flags.text('hash');
    const names = wanted === '*' ? serviceNames(project) : wanted.split(',').sort();
    return names.map((name) => {
      const service = project.services[name];
      if (!service) throw new ComposeProblem(`no such service: ${name}: not found`);
      return `${name} ${serviceHash(service)}`;
    });
  }),
  profiles: listing(
    ({ services, disabled }) =>
      [
        ...new Set(
          Object.values({ ...services, ...disabled }).flatMap(({ profiles }) => profiles ?? []),
        ),
      ].sort(),
    true,
  ),
  images: listing(
    (project) => Object.values(project.services).map((service) => imageOf(service, project)),
    true,
  ),
  variables: showVariables,
  environment: listing(
    ({ environment }) => [...environment].map(([name, value]) => `${name}=${value}`).sort(),
    true,
  ),
};

function* showVariables(call: ComposeCall): Routine<number> {
  const { main, flags } = call;
  const tree = yield* openTree(call.options, loadOptions(call));
  yield* main.err.flush();
  const found = [...variablesOf(tree)].sort(([a], [b]) => (a < b ? -1 : 1));
  const format = flags.text('format');
  if (format === 'yaml') {
    const lower = found.map(([name, one]) => [
      name,
      {
        name: one.Name,
        defaultvalue: one.DefaultValue,
        presencevalue: one.PresenceValue,
        required: one.Required,
      },
    ]);
    main.out.put(structToYaml(Object.fromEntries(lower)).replace(/^ {2}/gm, '    '));
    return 0;
  }
  if (format === 'json') {
    main.out.put(`${JSON.stringify(Object.fromEntries(found))}\n`);
    return 0;
  }
  const rows = found.map(([name, one]) => [
    name,
    String(one.Required),
    one.DefaultValue,
    one.PresenceValue,
  ]);
  main.out.put(tabulate([['NAME', 'REQUIRED', 'DEFAULT VALUE', 'ALTERNATE VALUE'], ...rows], 20));
  return 0;
}

/** Everything but the images, for --lock-image-digests, needs a registry. */
const NEEDS_REGISTRY = ['resolve-image-digests', 'lock-image-digests'];

export const config: ComposeAction = function* (call) {
  const { main, flags } = call;
  for (const [name, action] of Object.entries(LISTINGS))
    if (name === 'hash' ? flags.text(name) !== '' : flags.on(name)) return yield* action(call);
  const missing = NEEDS_REGISTRY.find((name) => flags.on(name));
  if (missing) return yield* notSimulated(main, `docker compose config --${missing}`);
  const format = flags.text('format') || 'yaml';
  const text = flags.on('no-interpolate')
    ? yield* rawText(call, format)
    : yield* canonicalText(call, format);
  yield* main.err.flush();
  if (flags.on('quiet')) return 0;
  const output = flags.given('output') ? flags.text('output') : '';
  if (output === '') main.out.put(text);
  else yield* writeFile(main.process, output, encode(text));
  return 0;
};

function checkFormat(format: string): 'yaml' | 'json' {
  if (format === 'yaml' || format === 'json') return format;
  throw new ComposeProblem(`unsupported format ${JSON.stringify(format)}`);
}

function* rawText(call: ComposeCall, format: string): Routine<string> {
  const tree = yield* openTree(call.options, loadOptions(call));
  return checkFormat(format) === 'json' ? goIndented(tree) : structToYaml(keysSorted(tree));
}

function* canonicalText(call: ComposeCall, format: string): Routine<string> {
  const { flags, options, main } = call;
  const project = yield* openProject(options, call.args, loadOptions(call));
  // --no-env-resolution changes nothing in 2.40: loading has resolved the env files by then.
  yield* resolveEnvFiles(main.process, project, { discard: true, warn: options.warn });
  if (!flags.on('no-consistency')) checkContainerNames(project);
  return projectText(project, checkFormat(format));
}
