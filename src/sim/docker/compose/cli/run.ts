// docker compose run: one more container of a service, with a command of its own.

import type { Routine } from '../../../core/wait.ts';
import { decode } from '../../../core/text.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../../userland/libc/whole-file.ts';
import { canonical } from '../model/canonical.ts';
import { environmentOf } from '../model/decode.ts';
import { parseEnv } from '../model/dotenv.ts';
import { openProject, resolveEnvFiles } from '../model/open.ts';
import type { PortConfig, Project, Service, VolumeMount } from '../model/project.ts';
import { shellWords } from '../model/shell-words.ts';
import { complain } from '../../cli/output.ts';
import { ComposeProblem } from '../model/tree.ts';
import { containersOf, LABEL, type Summary } from '../service/containers.ts';
import { create, labelsOf, makeContainer } from '../service/converge.ts';
import { ensureImages } from '../service/images.ts';
import type { Work } from '../service/resources.ts';
import { injectFiles, start, waitFor } from '../service/start.ts';
import type { ComposeAction, ComposeCall } from './call.ts';
import { runDocker } from './containers.ts';
import { workOn } from './work.ts';

export const run: ComposeAction = function* (call) {
  const { args, flags, main, options } = call;
  const [name = '', ...command] = args;
  if (flags.given('tty') && flags.given('no-TTY'))
    throw new ComposeProblem("--tty and --no-TTY can't be used together");
  const project = yield* openProject(options, [name]);
  yield* resolveEnvFiles(main.process, project, { discard: true, warn: options.warn });
  yield* main.err.flush();
  const service = yield* adapted(call, project, name, command);
  const work = workOn(call, project);
  if (!flags.on('no-deps')) yield* startDependencies(call, work, name);
  const tty = service.tty ?? false;
  const interactive = service.stdin_open ?? false;
  if (interactive && tty && !main.process.isTerminal(0))
    throw new ComposeProblem('the input device is not a TTY');
  const made = yield* makeOne(call, work, service, interactive);
  yield* main.out.flush();
  if (call.dryRun) throw new ComposeProblem('interactive run is not supported in dry-run mode');
  if (flags.on('detach')) return yield* runDocker(call, 'container start', [], [made.Id]);
  const words = ['--attach', ...(interactive ? ['--interactive'] : [])];
  const status = yield* runDocker(call, 'container start', words, [made.Id]);
  // The status goes out as an error without words, which takes a line of its own.
  if (status !== 0) yield* complain(main, '');
  return status;
};

/** The service as the flags change it. */
function* adapted(
  call: ComposeCall,
  project: Project,
  name: string,
  command: readonly string[],
): Routine<Service> {
  const { flags, main } = call;
  const service = project.services[name];
  if (!service) throw new ComposeProblem(`no such service: ${name}`);
  const detached = flags.on('detach');
  const automatic =
    !flags.given('no-TTY') && !flags.given('interactive') && !main.process.isTerminal(0);
  const noTty = flags.given('tty')
    ? !flags.on('tty')
    : automatic || (flags.given('no-TTY') ? flags.on('no-TTY') : !main.process.isTerminal(1));
  const entrypoint = flags.given('entrypoint') ? shellWords(flags.text('entrypoint')) : undefined;
  const labels = flags.list('label').map((text) => {
    const equals = text.indexOf('=');
    if (equals < 0) throw new ComposeProblem('label must be set as KEY=VALUE');
    return [text.slice(0, equals), text.slice(equals + 1)];
  });
  const environment = yield* extraEnvironment(call, project);
  const ports = portsOf(call, service);
  const { ports: _ports, restart: _restart, deploy, ...rest } = service;
  const { restart_policy: _policy, ...kept } = deploy ?? {};
  return {
    ...rest,
    ...(deploy ? { deploy: kept } : {}),
    ...(ports.length > 0 ? { ports } : {}),
    scale: 1,
    tty: !noTty && !detached,
    stdin_open: flags.on('interactive') && !detached,
    ...(command.length > 0 ? { command } : {}),
    ...(entrypoint ? { entrypoint, ...(command.length === 0 ? { command: [] } : {}) } : {}),
    ...(flags.given('user') ? { user: flags.text('user') } : {}),
    ...(flags.given('workdir') ? { working_dir: flags.text('workdir') } : {}),
    cap_add: [...(service.cap_add ?? []), ...flags.list('cap-add')],
    cap_drop: [...(service.cap_drop ?? []), ...flags.list('cap-drop')],
    labels: { ...service.labels, ...Object.fromEntries(labels) },
    environment: { ...service.environment, ...environment },
    volumes: [...(service.volumes ?? []), ...extraVolumes(call)],
  };
}

function portsOf(call: ComposeCall, service: Service): readonly PortConfig[] {
  const { flags } = call;
  if (flags.list('publish').length > 0) {
    if (flags.on('service-ports'))
      throw new ComposeProblem('--service-ports and --publish are incompatible');
    const tree = { services: { x: { ports: [...flags.list('publish')] } } };
    const made = canonical(tree, { raw: false, warn: () => {} });
    return (made as unknown as { services: { x: { ports: PortConfig[] } } }).services.x.ports;
  }
  return flags.on('service-ports') ? (service.ports ?? []) : [];
}

function extraVolumes(call: ComposeCall): VolumeMount[] {
  const given = call.flags.list('volume');
  if (given.length === 0) return [];
  const tree = { services: { x: { volumes: [...given] } } };
  const made = canonical(tree, { raw: false, warn: () => {} });
  return (made as unknown as { services: { x: { volumes: VolumeMount[] } } }).services.x.volumes;
}

function* extraEnvironment(
  { flags, main }: ComposeCall,
  project: Project,
): Routine<Record<string, string>> {
  const found = new Map<string, string>();
  for (const path of flags.list('env-from-file')) {
    const bytes = yield* readFile(main.process, path);
    if (isErrno(bytes)) throw new ComposeProblem(`open ${path}: ${bytes.message.toLowerCase()}`);
    parseEnv(decode(bytes), found, (name) => project.environment.get(name));
  }
  for (const [key, value] of Object.entries(environmentOf([...flags.list('env')]))) {
    const resolved = value ?? project.environment.get(key);
    if (typeof resolved === 'string') found.set(key, resolved);
  }
  return Object.fromEntries(found);
}

/** What the service depends on is made and started. */
function* startDependencies(call: ComposeCall, work: Work, name: string): Routine<void> {
  const { flags } = call;
  const services = Object.fromEntries(
    Object.entries(work.project.services).filter(([other]) => other !== name),
  );
  const project = {
    ...work.project,
    services,
    disabled: { ...work.project.disabled, [name]: work.project.services[name] as Service },
  };
  yield* create(
    { ...work, project },
    {
      services: [],
      recreate: 'diverged',
      recreateDependencies: 'diverged',
      removeOrphans: flags.on('remove-orphans'),
      ignoreOrphans: false,
      inherit: true,
      timeout: undefined,
      quietPull: flags.on('quiet-pull'),
      build: { args: [], noCache: false, pull: false, quiet: flags.on('quiet-build') },
    },
  );
  if (Object.keys(services).length > 0)
    yield* start({ ...work, project }, { wait: false, waitTimeout: 0 });
}

function* makeOne(
  call: ComposeCall,
  work: Work,
  service: Service,
  interactive: boolean,
): Routine<Summary> {
  const { flags, main } = call;
  const { api, project } = work;
  const images = yield* ensureImages(
    { ...work, project: { ...project, services: { [service.name]: service } } },
    {
      quietPull: flags.on('quiet-pull'),
      build: { args: [], noCache: false, pull: false, quiet: flags.on('quiet-build') },
    },
  );
  const observed = yield* containersOf(api, project.name, { oneOff: 'include', all: true });
  if (!flags.on('no-deps')) yield* waitFor(work, service.name, service.depends_on ?? {}, observed);
  let slug = '';
  while (slug.length < 64)
    slug += main.process.task.kernel.entropy.int(0x10000).toString(16).padStart(4, '0');
  const given = flags.given('name') ? flags.text('name') : '';
  const name = given || `${project.name}-${service.name}-run-${slug.slice(0, 12)}`;
  const image = images.get(service.image ?? `${project.name}-${service.name}`);
  const made = yield* makeContainer(work, service, {
    name,
    number: -1,
    labels: {
      ...labelsOf(project, service, image),
      [LABEL.slug]: slug,
      [LABEL.oneoff]: 'True',
    },
    autoRemove: flags.on('rm'),
    attachStdin: interactive,
    useAliases: flags.on('use-aliases'),
  });
  yield* injectFiles(work, service, made.Id);
  return made;
}
