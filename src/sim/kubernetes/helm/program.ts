// helm 4: charts are rendered, checked, packed and shown. Left out as yet: releases in a cluster, repositories, plugins.

import type { Routine } from '../../core/wait.ts';
import { encode } from '../../core/text.ts';
import { writeTar } from '../../containers/images/tar.ts';
import { epochSeconds } from '../../core/time.ts';
import { type Flag, type FlagValues, parseFlags } from '../../etcd/cobra/flags.ts';
import { isErrno } from '../../kernel/errno.ts';
import { gzip } from '../../userland/libc/gzip.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { writeFile } from '../../userland/libc/whole-file.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import { decode } from '../../core/text.ts';
import { type Chart, chartName, HelmError, loadChart } from './chart.ts';
import { lintCharts } from './lint.ts';
import { manifestText, renderChart } from './manifests.ts';
import { COMMAND_NAMES, KUBE_VERSION, unknownCommand } from './names.ts';
import { chartValues, checkSchemas, givenValues } from './values.ts';

interface Call {
  readonly main: Main;
  readonly flags: FlagValues;
  readonly args: readonly string[];
}

const flag = (name: string, kind: Flag['kind'], short?: string, value = ''): Flag => ({
  name,
  kind,
  value: kind === 'bool' ? 'false' : value,
  usage: '',
  ...(short ? { short } : {}),
});

const VALUE_FLAGS: readonly Flag[] = [
  flag('values', 'array', 'f'),
  ...['set', 'set-string', 'set-json', 'set-file', 'set-literal'].map((name) =>
    flag(name, 'array'),
  ),
];
const GLOBAL_FLAGS: readonly Flag[] = [
  flag('namespace', 'string', 'n'),
  flag('debug', 'bool'),
  flag('kubeconfig', 'string'),
  flag('kube-context', 'string'),
];

interface Command {
  readonly flags: readonly Flag[];
  run(call: Call): Routine<number>;
}

function* template({ main, flags, args }: Call): Routine<number> {
  const [name, path] = args.length > 1 ? args : ['release-name', args[0]];
  if (args.length === 0)
    throw new HelmError(
      '"helm template" requires at least 1 argument\n\nUsage:  helm template [NAME] [CHART] [flags]',
    );
  const chart = yield* loadChart(main.process, path ?? '');
  const values = chartValues(chart, yield* givenValues(main, flags));
  if (!flags.is('skip-schema-validation')) checkSchemas(chart, values);
  const facts = {
    name: flags.text('name-template') || (name ?? ''),
    namespace: flags.text('namespace') || 'default',
    revision: 1,
    upgrade: flags.is('is-upgrade'),
    kubeVersion: flags.text('kube-version') || KUBE_VERSION,
  };
  try {
    const { manifests, hooks } = renderChart(chart, values, facts);
    const wanted = flags.list('show-only');
    const all = flags.is('no-hooks') ? manifests : [...manifests, ...hooks];
    const shown =
      wanted.length === 0
        ? all
        : all.filter(({ path: at }) => wanted.some((one) => at === `${chartName(chart)}/${one}`));
    for (const one of wanted)
      if (!all.some(({ path: at }) => at === `${chartName(chart)}/${one}`))
        throw new HelmError(`could not find template ${one} in chart`);
    main.out.put(manifestText(shown));
  } catch (problem) {
    if (!(problem instanceof HelmError) || /^could not find template/.test(problem.message))
      throw problem;
    throw new HelmError(`${problem.message}\n\nUse --debug flag to render out invalid YAML`);
  }
  return 0;
}

function* lint({ main, flags, args }: Call): Routine<number> {
  const given = yield* givenValues(main, flags);
  return yield* lintCharts(main, args.length > 0 ? args : ['.'], given, flags.is('strict'));
}

function* packageChart({ main, flags, args }: Call): Routine<number> {
  const [path] = args;
  if (path === undefined) throw new HelmError('need at least one argument, the path to the chart');
  const chart = yield* loadChart(main.process, path);
  const version = flags.text('version') || String(chart.metadata.version);
  const metadata = {
    ...chart.metadata,
    version,
    ...(flags.text('app-version') ? { appVersion: flags.text('app-version') } : {}),
  };
  const name = chartName(chart);
  const mtime = epochSeconds(main.process.now);
  const entries = chart.files.map((file) => ({
    name: `${name}/${file.name}`,
    kind: 'file' as const,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime,
    content: file.name === 'Chart.yaml' ? encode(toYaml(metadata)) : file.bytes,
  }));
  const cwd = main.process.getcwd();
  const folder = flags.text('destination') || '.';
  const base = folder === '.' ? (isErrno(cwd) ? '' : cwd) : folder;
  const target = `${base.replace(/\/$/, '')}/${name}-${version}.tgz`;
  const failure = yield* writeFile(main.process, target, gzip(writeTar(entries)), 0o644);
  if (failure)
    throw new HelmError(`failed to save: open ${target}: ${failure.message.toLowerCase()}`);
  main.out.put(`Successfully packaged chart and saved it to: ${target}\n`);
  return 0;
}

function readme(chart: Chart): string {
  const file = chart.files.find(({ name }) => /^readme(\.md|\.txt)?$/i.test(name));
  return file ? decode(file.bytes) : '';
}

function* show({ main, args }: Call): Routine<number> {
  const [what = '', path] = args;
  if (!['all', 'chart', 'values', 'readme'].includes(what))
    return yield* notSimulated(main, `helm show ${what}`);
  if (path === undefined)
    throw new HelmError(
      `"helm show ${what}" requires 1 argument\n\nUsage:  helm show ${what} [CHART] [flags]`,
    );
  const chart = yield* loadChart(main.process, path);
  const parts: Readonly<Record<string, string>> = {
    chart: toYaml(chart.metadata),
    values: chart.valuesText,
    readme: readme(chart),
  };
  if (what !== 'all') main.out.put(`${parts[what] ?? ''}\n`);
  else main.out.put([parts.chart, parts.values, parts.readme].filter(Boolean).join('\n---\n'));
  return 0;
}

function* version({ main, flags }: Call): Routine<number> {
  main.out.put(
    flags.is('short')
      ? 'v4.3\n'
      : 'version.BuildInfo{Version:"v4.3", GitCommit:"", GitTreeState:"", GoVersion:"go1.26.8", KubeClientVersion:"v1.37"}\n',
  );
  return 0;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  template: {
    flags: [
      ...VALUE_FLAGS,
      flag('show-only', 'strings', 's'),
      flag('name-template', 'string'),
      flag('kube-version', 'string'),
      ...['is-upgrade', 'no-hooks', 'skip-schema-validation', 'validate'].map((name) =>
        flag(name, 'bool'),
      ),
    ],
    run: template,
  },
  lint: { flags: [...VALUE_FLAGS, flag('strict', 'bool'), flag('quiet', 'bool')], run: lint },
  package: {
    flags: [
      flag('destination', 'string', 'd'),
      flag('version', 'string'),
      flag('app-version', 'string'),
    ],
    run: packageChart,
  },
  show: { flags: [], run: show },
  inspect: { flags: [], run: show },
  version: { flags: [flag('short', 'bool')], run: version },
};

function* run(main: Main): Routine<number> {
  const [name = '', ...words] = main.args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    if (name === '' || name.startsWith('-') || COMMAND_NAMES.includes(name))
      return yield* notSimulated(main, `helm ${main.args.join(' ')}`.trim());
    main.err.put(unknownCommand(name));
    return 1;
  }
  const parsed = parseFlags([...command.flags, ...GLOBAL_FLAGS], words);
  if ('mistake' in parsed) {
    if (parsed.mistake === 'help') return yield* notSimulated(main, `helm ${name} --help`);
    throw new HelmError(parsed.mistake);
  }
  if (parsed.values.is('debug')) return yield* notSimulated(main, 'helm --debug');
  return yield* command.run({ main, flags: parsed.values, args: parsed.args });
}

export const helm = program('helm', function* (main) {
  try {
    return yield* run(main);
  } catch (problem) {
    if (!(problem instanceof HelmError)) throw problem;
    yield* main.out.flush();
    main.err.put(`Error: ${problem.message}\n`);
    yield* main.err.flush();
    return 1;
  }
});
