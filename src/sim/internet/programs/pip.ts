// pip: install (names, -r files), list, freeze, show, uninstall, over the index. Version ranges beyond ==, building from
// sources and virtual environments are left out.

import { Content } from '../../core/content.ts';
import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { makeDirectories, writeWholeFile } from '../../containers/containerd/daemon.ts';
import { readTar } from '../../containers/images/tar.ts';
import { httpRequest, isHttpFailure, wholeBody } from '../../userland/http/client.ts';
import { gunzip } from '../../userland/libc/gzip.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';

interface Document {
  readonly info: {
    readonly name: string;
    readonly version: string;
    readonly summary: string;
    readonly home_page: string;
    readonly requires_dist: readonly string[];
    readonly scripts: Readonly<Record<string, string>>;
  };
  readonly urls: readonly {
    readonly filename: string;
    readonly url: string;
    readonly size: number;
  }[];
}

interface Installed {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly page: string;
  readonly requires: readonly string[];
  /** Its directory of facts. */
  readonly path: string;
}

/** Where packages go, and the interpreter's series. */
interface Place {
  readonly packages: string;
  readonly series: string;
  readonly bin: string;
}

const same = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

function placeOf(p: Process): Place | undefined {
  const items = p.readdir('/usr/local/lib');
  const name = isErrno(items)
    ? undefined
    : items.find((one) => /^python3\.\d+$/.test(one.name))?.name;
  if (name === undefined) return undefined;
  return {
    packages: `/usr/local/lib/${name}/site-packages`,
    series: name.slice(6),
    bin: '/usr/local/bin',
  };
}

/** Bytes at an address; undefined where there is nothing; a code where it cannot be reached. */
function* fetch(p: Process, url: string): Routine<Uint8Array | string | undefined> {
  const [, host = '', path = ''] = /^https:\/\/([^/]+)(\/.*)$/.exec(url) ?? [];
  const answer = yield* httpRequest(
    p,
    { host, port: 443, tls: { serverName: host, authorities: [], insecure: true } },
    { method: 'GET', path, query: new Map(), headers: { host }, body: Content.empty },
  );
  if (isHttpFailure(answer))
    return answer.kind === 'resolve'
      ? `[Errno ${answer.failure.failure === 'again' ? -3 : -2}] ${answer.failure.text}`
      : '[Errno 101] Network is unreachable';
  return answer.status === 200 ? (yield* wholeBody(answer)).bytes() : undefined;
}

function* installed(p: Process, place: Place): Routine<Installed[]> {
  const items = p.readdir(place.packages);
  if (isErrno(items)) return [];
  const out: Installed[] = [];
  for (const { name } of items) {
    if (!name.endsWith('.dist-info')) continue;
    const bytes = yield* readFile(p, `${place.packages}/${name}/METADATA`);
    if (isErrno(bytes)) continue;
    const text = decode(bytes);
    const field = (key: string): string => new RegExp(`^${key}: (.*)$`, 'm').exec(text)?.[1] ?? '';
    const requires = [...text.matchAll(/^Requires-Dist: (.*)$/gm)].map(([, one = '']) => one);
    out.push({
      name: field('Name'),
      version: field('Version'),
      summary: field('Summary'),
      page: field('Home-page'),
      requires,
      path: `${place.packages}/${name}`,
    });
  }
  return out.sort((a, b) => (same(a.name) < same(b.name) ? -1 : 1));
}

/** The requirements of files and words: names with what is asked of their versions. */
function* requirements(main: Main, words: readonly string[]): Routine<string[] | number> {
  const out: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const file =
      word === '-r' || word === '--requirement'
        ? words[++i]
        : /^(?:-r|--requirement=)(.+)$/.exec(word)?.[1];
    if (file !== undefined) {
      const bytes = yield* readFile(main.process, file);
      if (isErrno(bytes)) {
        main.err.put(
          `ERROR: Could not open requirements file: [Errno ${bytes.number}] ${bytes.message}: '${file}'\n`,
        );
        return 1;
      }
      for (const line of decode(bytes).split('\n')) {
        const text = line.replace(/(^|\s)#.*/, '').trim();
        if (text !== '') out.push(text);
      }
    } else if (!word.startsWith('-')) out.push(word);
  }
  return out;
}

function put(p: Process, path: string, content: Uint8Array, mode = 0o644): void {
  makeDirectories(p, path.slice(0, path.lastIndexOf('/')));
  writeWholeFile(p, path, content, mode);
}

function* unpack(p: Process, place: Place, { info }: Document, bytes: Uint8Array): Routine<void> {
  const plain = gunzip(bytes);
  const entries = typeof plain === 'string' ? plain : readTar(plain);
  if (typeof entries === 'string') return;
  for (const { name, content } of entries)
    put(p, `${place.packages}/${name}`, content ?? new Uint8Array(0));
  const facts = `${place.packages}/${info.name}-${info.version}.dist-info`;
  const requires = info.requires_dist.map((one) => `Requires-Dist: ${one}\n`).join('');
  put(
    p,
    `${facts}/METADATA`,
    encode(
      `Metadata-Version: 2.4\nName: ${info.name}\nVersion: ${info.version}\nSummary: ${info.summary}\nHome-page: ${info.home_page}\n${requires}`,
    ),
  );
  put(p, `${facts}/RECORD`, encode(entries.map(({ name }) => `${name},,\n`).join('')));
  for (const [script, module] of Object.entries(info.scripts)) {
    const text = `#!/usr/local/bin/python${place.series}\nimport sys\nfrom ${module} import main\nsys.exit(main())\n`;
    put(p, `${place.bin}/${script}`, encode(text), 0o755);
    p.chmod(`${place.bin}/${script}`, 0o755);
  }
  yield* p.sleep(80_000_000);
}

const sizeText = (kilobytes: number): string =>
  kilobytes >= 1000 ? `${(kilobytes / 1000).toFixed(1)} MB` : `${kilobytes} kB`;

function* say(main: Main, quiet: boolean, line: string): Routine<void> {
  if (!quiet) main.out.put(`${line}\n`);
  yield* main.out.flush();
}

function* install(main: Main, place: Place, words: readonly string[]): Routine<number> {
  const { process: p } = main;
  const quiet = words.includes('-q') || words.includes('--quiet');
  const odd = words.find((word) =>
    /^(-e|--editable|-t|--target|--user|-i|--index-url|--extra-index-url)/.test(word),
  );
  if (odd !== undefined) return yield* notSimulated(main, `pip install ${odd}`);
  const wanted = yield* requirements(main, words);
  if (typeof wanted === 'number') return wanted;
  if (wanted.length === 0) {
    main.err.put(
      'ERROR: You must give at least one requirement to install (see "pip help install")\n',
    );
    return 1;
  }
  const have = yield* installed(p, place);
  const documents = new Map<string, Document>();
  const queue = wanted.map((text): [string, string] => [text, '']);
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [text, from] = next;
    const [, name = '', range = ''] = /^([\w.-]+)(?:\[[^\]]*\])?\s*(.*)$/.exec(text) ?? [];
    const tail = from === '' ? '' : ` (from ${from})`;
    const known = have.find((one) => same(one.name) === same(name));
    if (known) {
      yield* say(
        main,
        quiet,
        `Requirement already satisfied: ${text} in ${place.packages}${tail} (${known.version})`,
      );
      continue;
    }
    if (documents.has(same(name))) continue;
    const bytes = yield* fetch(p, `https://pypi.org/pypi/${name}/json`);
    if (typeof bytes === 'string') {
      const warning = `WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NameResolutionError("HTTPSConnection(host='pypi.org', port=443): Failed to resolve 'pypi.org' (${bytes})")': /simple/${name}/\n`;
      main.err.put(
        `${warning}ERROR: Could not find a version that satisfies the requirement ${text} (from versions: none)\nERROR: No matching distribution found for ${text}\n`,
      );
      return 1;
    }
    if (bytes === undefined) return yield* notSimulated(main, `the Python package ${name}`);
    const document = JSON.parse(decode(bytes)) as Document;
    const exact = /^==\s*([\w.]+)$/.exec(range)?.[1];
    if (exact !== undefined && exact !== document.info.version)
      return yield* notSimulated(main, `the Python package ${name}==${exact}`);
    documents.set(same(name), document);
    const [file] = document.urls;
    yield* say(main, quiet, `Collecting ${text}${tail}`);
    yield* say(main, quiet, `  Downloading ${file?.filename ?? ''} (${sizeText(file?.size ?? 0)})`);
    for (const one of document.info.requires_dist)
      queue.push([one, from === '' ? text : `${name}->${from}`]);
  }
  const silent = words.some((word) => /^--root-user-action(=ignore)?$/.test(word));
  return yield* finish(main, place, [...documents.values()], quiet, silent);
}

function* finish(
  main: Main,
  place: Place,
  documents: readonly Document[],
  quiet: boolean,
  silent: boolean,
): Routine<number> {
  if (documents.length > 0) {
    const names = documents.map(({ info }) => info.name);
    const order = [...names].reverse();
    yield* say(main, quiet, `Installing collected packages: ${order.join(', ')}`);
    for (const document of documents) {
      const bytes = yield* fetch(main.process, document.urls[0]?.url ?? '');
      if (!(bytes instanceof Uint8Array)) return 1;
      yield* unpack(main.process, place, document, bytes);
    }
    const done = documents
      .map(({ info }) => `${info.name}-${info.version}`)
      .sort()
      .join(' ');
    yield* say(main, quiet, `Successfully installed ${done}`);
  }
  const asked = main.process.environment.get('PIP_ROOT_USER_ACTION') === 'ignore';
  if (main.process.uid === 0 && !silent && !asked)
    main.err.put(
      "WARNING: Running pip as the 'root' user can result in broken permissions and conflicting behaviour with the system package manager, possibly rendering your system unusable. It is recommended to use a virtual environment instead: https://pip.pypa.io/warnings/venv. Use the --root-user-action option if you know what you are doing and want to suppress this warning.\n",
    );
  return 0;
}

function* show(main: Main, place: Place, names: readonly string[]): Routine<number> {
  const have = yield* installed(main.process, place);
  const found = names.map((name) => have.find((one) => same(one.name) === same(name)));
  const missing = names.filter((_, i) => !found[i]);
  if (missing.length > 0) main.err.put(`WARNING: Package(s) not found: ${missing.join(', ')}\n`);
  const texts = found.flatMap((one) => {
    if (!one) return [];
    const users = have.filter(({ requires }) => requires.some((r) => same(r) === same(one.name)));
    return [
      `Name: ${one.name}\nVersion: ${one.version}\nSummary: ${one.summary}\nHome-page: ${one.page}\nAuthor: \nAuthor-email: \nLicense: \nLocation: ${place.packages}\nRequires: ${one.requires.join(', ')}\nRequired-by: ${users.map(({ name }) => name).join(', ')}\n`,
    ];
  });
  main.out.put(texts.join('---\n'));
  return texts.length > 0 ? 0 : 1;
}

function* uninstall(main: Main, place: Place, words: readonly string[]): Routine<number> {
  const { process: p } = main;
  const names = words.filter((word) => !word.startsWith('-'));
  if (!words.includes('-y') && !words.includes('--yes'))
    return yield* notSimulated(main, 'pip uninstall without -y');
  const have = yield* installed(p, place);
  for (const name of names) {
    const found = have.find((one) => same(one.name) === same(name));
    if (!found) {
      main.err.put(`WARNING: Skipping ${name} as it is not installed.\n`);
      continue;
    }
    main.out.put(
      `Found existing installation: ${found.name} ${found.version}\nUninstalling ${found.name}-${found.version}:\n`,
    );
    const record = yield* readFile(p, `${found.path}/RECORD`);
    const files = isErrno(record)
      ? []
      : decode(record)
          .split('\n')
          .map((line) => line.split(',')[0] ?? '');
    for (const file of files) if (file !== '') p.unlink(`${place.packages}/${file}`);
    for (const file of ['METADATA', 'RECORD']) p.unlink(`${found.path}/${file}`);
    p.rmdir(found.path);
    p.rmdir(`${place.packages}/${found.name}`);
    main.out.put(`  Successfully uninstalled ${found.name}-${found.version}\n`);
  }
  return 0;
}

export const pip = program('pip', function* (main) {
  const place = placeOf(main.process);
  if (!place) return yield* notSimulated(main, 'pip outside of an image of Python');
  const [command = '', ...words] = main.args;
  const have = yield* installed(main.process, place);
  switch (command) {
    case '--version':
    case '-V': {
      const own = have.find(({ name }) => name === 'pip')?.version ?? '';
      main.out.put(`pip ${own} from ${place.packages}/pip (python ${place.series})\n`);
      return 0;
    }
    case 'install':
      return yield* install(main, place, words);
    case 'freeze':
      main.out.put(
        have
          .filter(({ name }) => name !== 'pip')
          .map(({ name, version }) => `${name}==${version}\n`)
          .join(''),
      );
      return 0;
    case 'list': {
      const width = Math.max(7, ...have.map(({ name }) => name.length));
      const second = Math.max(7, ...have.map(({ version }) => version.length));
      main.out.put(
        `${'Package'.padEnd(width)} Version\n${'-'.repeat(width)} ${'-'.repeat(second)}\n`,
      );
      for (const { name, version } of have) main.out.put(`${name.padEnd(width)} ${version}\n`);
      return 0;
    }
    case 'show':
      return yield* show(main, place, words);
    case 'uninstall':
      return yield* uninstall(main, place, words);
    default:
      return yield* notSimulated(main, `pip ${main.args.join(' ')}`);
  }
});
