// The house rules as a test. Each message says what is wrong where, and what to do about it.

import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { DISTANT_PARTS } from '../scripts/distant-parts-list.ts';

const ROOT = normalize(join(import.meta.dirname, '..'));
const FLOORS = [
  'core',
  'kernel',
  'userland',
  'containers',
  'docker',
  'etcd',
  'kubernetes',
  'internet',
  'labs',
];
const LONGEST_FILE = 400;
const LONGEST_TABLE = 600;
const LONGEST_FUNCTION = 100;

/** Files that are longer still, with their lengths: they may only shrink, and leave this list below 400. */
const STILL_LONG: Readonly<Record<string, number>> = {
  'src/sim/etcd/raft/raft.ts': 408,
  'src/sim/kubernetes/controllers/deployment/deployment.ts': 411,
};

/** Functions that are longer still, likewise. */
const STILL_LONG_FUNCTIONS: Readonly<Record<string, number>> = {
  'src/sim/docker/cli/container-config.ts: mountOf': 104,
  'src/sim/kernel/proc/root-files.ts: fixedFiles': 104,
  'src/sim/kubernetes/kubeadm/addons.ts: coreDns': 142,
};

interface Source {
  readonly path: string;
  readonly text: string;
}

function sources(folder: string): Source[] {
  const out: Source[] = [];
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })) {
    const path = relative(ROOT, join(entry.parentPath, entry.name));
    if (!entry.isFile() || !/\.(ts|astro)$/.test(path) || path.includes('/generated/')) continue;
    out.push({ path, text: readFileSync(join(ROOT, path), 'utf8') });
  }
  return out.sort((a, b) => a.path.localeCompare(b.path));
}

const sim = sources('src/sim');
const all = [
  ...sources('src'),
  ...(existsSync(join(ROOT, 'components')) ? sources('components') : []),
];

function floorOf(path: string): number {
  return FLOORS.indexOf(path.split('/')[2] ?? '');
}

function importsOf(source: Source): string[] {
  return Array.from(source.text.matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g), ([, target]) =>
    normalize(join(dirname(source.path), target ?? '')),
  );
}

/** Words that may not stand in code of the simulator, with what to do instead. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\(|\bnew Date\(\)/, 'no wall clock: use simulation.now and core/time.ts'],
  [/\bMath\.random\(/, 'no unseeded chance: fork a stream of simulation.random'],
  [/\bset(Timeout|Interval|Immediate)\(|\bperformance\./, 'no host timers: use simulation.after'],
  [
    /\basync\s+(function|\*|\()|\bawait\s|\bPromise\b/,
    'no promises: write a Routine (core/wait.ts)',
  ],
  [/from 'node:/, 'no Node in the simulator: hosts live in src/cli'],
  [
    /\b(globalThis|window|localStorage)\./,
    'no host in the simulator: hosts live in src/cli and src/worker',
  ],
];

const BANNED_EVERYWHERE: readonly (readonly [RegExp, string])[] = [
  [
    /\binnerHTML\b|\bouterHTML\b|insertAdjacentHTML/,
    'text of the simulator never becomes markup: use textContent',
  ],
  [/\beval\(|new Function\(/, 'nothing that is typed may run in the host'],
  [/\bTODO\b|\bFIXME\b/, 'say it in the coverage table, or do it'],
  [/\bconsole\.log\(/, 'print through the command line (src/cli) or the page'],
];

/** Code without the texts in it: programs of the simulated languages are texts, and may speak of promises and clocks. */
function withoutTexts(path: string, text: string): string {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  let out = text;
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    const literal = ts.isStringLiteralLike(node) || ts.isTemplateHead(node);
    if (literal || ts.isTemplateMiddleOrTemplateTail(node)) {
      const from = node.getStart();
      const blank = text.slice(from, node.end).replace(/[^\n]/g, ' ');
      out = out.slice(0, from) + blank + out.slice(node.end);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return out;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}

describe('floors', () => {
  test('imports of the simulator go down only', () => {
    const wrong: string[] = [];
    for (const source of sim) {
      for (const target of importsOf(source)) {
        if (!target.startsWith('src/sim/')) {
          wrong.push(`${source.path} imports ${target}: the simulator stands alone`);
        } else if (floorOf(target) > floorOf(source.path)) {
          wrong.push(`${source.path} imports ${target}: pass what is needed down from above`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('code that the page fetches when it is run', () => {
  test('only routines and data of such modules are used elsewhere', () => {
    const groupOf = new Map<string, string>();
    for (const [group, patterns] of Object.entries(DISTANT_PARTS)) {
      const paths = patterns.flatMap((pattern) =>
        globSync(pattern, { cwd: join(ROOT, 'src/sim') }),
      );
      for (const path of paths) groupOf.set(`src/sim/${path}`, group);
    }
    const plain = new Set<string>();
    for (const { path, text } of sim) {
      if (!groupOf.has(path)) continue;
      for (const [, name] of text.matchAll(/^export (?:function|(?:abstract )?class) (\w+)/gm))
        plain.add(`${path} ${name}`);
    }
    const wrong: string[] = [];
    const imports = /import \{([^}]*)\} from '(\.[^']+)'/g;
    for (const { path, text } of sim) {
      for (const [, names = '', target = ''] of text.matchAll(imports)) {
        const from = normalize(join(dirname(path), target));
        if (!groupOf.has(from) || groupOf.get(from) === groupOf.get(path)) continue;
        for (const name of names.split(',').map((word) => word.trim().replace(/ as .*/, '')))
          if (plain.has(`${from} ${name}`))
            wrong.push(`${path} imports ${name} of ${from}, which is fetched later: move it out`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('reading order', () => {
  test('src/sim/READING.md lists every file of the simulator exactly once', () => {
    const reading = readFileSync(join(ROOT, 'src/sim/READING.md'), 'utf8');
    const listed = Array.from(
      reading.matchAll(/^\d+\. \[`([^`]+)`\]/gm),
      ([, path]) => `src/sim/${path}`,
    );
    const files = sim.map((source) => source.path);
    const twice = listed.filter((path, i) => listed.indexOf(path) !== i);
    expect({
      missing: files.filter((path) => !listed.includes(path)),
      gone: listed.filter((path) => !files.includes(path)),
      twice,
    }).toEqual({ missing: [], gone: [], twice: [] });
  });
});

describe('purity', () => {
  test('the simulator is pure', () => {
    const wrong: string[] = [];
    for (const { path, text } of sim) {
      const code = withoutComments(text);
      for (const [pattern, advice] of BANNED)
        if (pattern.test(code) && pattern.test(withoutComments(withoutTexts(path, text))))
          wrong.push(`${path}: ${advice}`);
    }
    expect(wrong).toEqual([]);
  });

  test('nothing banned stands anywhere in the product', () => {
    const wrong: string[] = [];
    for (const { path, text } of all) {
      const code = withoutComments(text);
      for (const [pattern, advice] of BANNED_EVERYWHERE) {
        if (pattern.source.includes('console') && path.startsWith('src/cli/')) continue;
        if (pattern.test(code) && pattern.test(withoutComments(withoutTexts(path, text))))
          wrong.push(`${path}: ${advice}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('size', () => {
  test('files are short enough to read in one sitting', () => {
    const wrong: string[] = [];
    for (const { path, text } of all) {
      const lines = text.split('\n').length;
      const limit = STILL_LONG[path] ?? (isTable(text) ? LONGEST_TABLE : LONGEST_FILE);
      if (lines > limit)
        wrong.push(`${path} has ${lines} lines: split it where its meaning splits`);
    }
    expect(wrong).toEqual([]);
  });

  test('functions fit a screen', () => {
    const wrong: string[] = [];
    for (const { path, text } of sim) {
      for (const { name, lines } of functionsOf(path, text)) {
        const limit = STILL_LONG_FUNCTIONS[`${path}: ${name}`] ?? LONGEST_FUNCTION;
        if (lines > limit) wrong.push(`${path}: ${name} has ${lines} lines: give its parts names`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('every file of the simulator opens with what it models', () => {
    const wrong = sim.filter(({ text }) => !text.startsWith('//')).map(({ path }) => path);
    expect(wrong).toEqual([]);
  });
});

/** A file is a table where most of its lines are data: it may be longer. */
function isTable(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const data = lines.filter(
    (line) => /^\s*(\[|\{|'|"|`|\]|\}|[\w'-]+:)/.test(line) || /^\s*\/\//.test(line),
  );
  return data.length / lines.length > 0.8;
}

function functionsOf(path: string, text: string): { name: string; lines: number }[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: { name: string; lines: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const start = file.getLineAndCharacterOfPosition(node.getStart()).line;
      const end = file.getLineAndCharacterOfPosition(node.getEnd()).line;
      const name = node.name && ts.isIdentifier(node.name) ? node.name.text : 'a function';
      found.push({ name, lines: end - start + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
