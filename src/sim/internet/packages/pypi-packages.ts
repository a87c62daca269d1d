// Packages of the Python Package Index: small ones of the same interface as the real ones, in Python. What flask's
// companions do is in flask itself here; they are there because pip installs and lists them.

import { REDIS, REQUESTS } from './pypi-clients.ts';
import { FLASK } from './pypi-flask.ts';
import { FLASK_MAIN } from './pypi-flask-command.ts';

/** A version of a package with its files. */
export interface PythonPackage {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly page: string;
  /** Kilobytes of the real one's archive. */
  readonly size: number;
  readonly requires: readonly string[];
  /** By paths in site-packages. */
  readonly files: Readonly<Record<string, string>>;
  /** Commands that it puts beside the interpreter, by name: the module and function that each runs. */
  readonly scripts?: Readonly<Record<string, string>>;
}

type Known = Omit<PythonPackage, 'requires' | 'files'>;

function one(
  { name, version, summary, page, size, scripts }: Known,
  files: Readonly<Record<string, string>>,
  requires: readonly string[] = [],
): PythonPackage {
  return { name, version, summary, page, size, requires, files, ...(scripts ? { scripts } : {}) };
}

/** A package that is there for others: its module says nothing. */
function companion(
  name: string,
  version: string,
  size: number,
  module: string,
  page: string,
): PythonPackage {
  return one(
    { name, version, size, summary: '', page },
    { [`${module}/__init__.py`]: `__version__ = "${version}"\n` },
  );
}

const PALLETS = 'https://palletsprojects.com/';

export const PYTHON_PACKAGES: readonly PythonPackage[] = [
  one(
    {
      name: 'flask',
      version: '3.1.2',
      size: 103,
      summary: 'A simple framework for building complex web applications.',
      page: 'https://flask.palletsprojects.com/',
      scripts: { flask: 'flask.cli' },
    },
    {
      'flask/__init__.py': FLASK,
      'flask/cli.py': FLASK_MAIN,
      'flask/__main__.py': 'import sys\nfrom flask.cli import main\nsys.exit(main())\n',
    },
    ['blinker', 'click', 'itsdangerous', 'jinja2', 'markupsafe', 'werkzeug'],
  ),
  companion('blinker', '1.9.0', 8, 'blinker', PALLETS),
  companion('click', '8.3.1', 108, 'click', PALLETS),
  companion('itsdangerous', '2.2.0', 16, 'itsdangerous', PALLETS),
  companion('jinja2', '3.1.6', 134, 'jinja2', PALLETS),
  companion('markupsafe', '3.0.3', 22, 'markupsafe', PALLETS),
  companion('werkzeug', '3.1.5', 225, 'werkzeug', PALLETS),
  one(
    {
      name: 'redis',
      version: '7.1.0',
      size: 354,
      summary: 'Python client for Redis database and key-value store',
      page: 'https://github.com/redis/redis-py',
    },
    { 'redis/__init__.py': REDIS },
  ),
  one(
    {
      name: 'requests',
      version: '2.32.5',
      size: 64,
      summary: 'Python HTTP for Humans.',
      page: 'https://requests.readthedocs.io',
    },
    { 'requests/__init__.py': REQUESTS },
    ['charset_normalizer', 'idna', 'urllib3', 'certifi'],
  ),
  companion('charset_normalizer', '3.4.4', 153, 'charset_normalizer', ''),
  companion('idna', '3.11', 71, 'idna', ''),
  companion('urllib3', '2.6.3', 131, 'urllib3', ''),
  companion('certifi', '2026.1.4', 152, 'certifi', ''),
];
