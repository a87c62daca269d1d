// pypi.org: a document for each project, and its archives at files.pythonhosted.org.

import { Content } from '../../core/content.ts';
import { encode } from '../../core/text.ts';
import { writeTar } from '../../containers/images/tar.ts';
import { gzip } from '../../userland/libc/gzip.ts';
import { program } from '../../userland/libc/stdio.ts';
import { PYTHON_PACKAGES, type PythonPackage } from './pypi-packages.ts';
import type { SiteProgram } from './site.ts';

/** The name of a package's archive. */
function wheel({ name, version }: PythonPackage): string {
  return `${name.replaceAll('-', '_')}-${version}-py3-none-any.whl`;
}

function archive({ files }: PythonPackage): Uint8Array {
  return gzip(
    writeTar(
      Object.entries(files).map(([name, text]) => ({
        name,
        kind: 'file' as const,
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtime: 1_760_000_000,
        content: encode(text),
      })),
    ),
  );
}

function document(one: PythonPackage): string {
  const { name, version, summary, page, requires, size, scripts } = one;
  const url = `https://files.pythonhosted.org/packages/${wheel(one)}`;
  return JSON.stringify({
    info: {
      name,
      version,
      summary,
      home_page: page,
      requires_dist: requires,
      scripts: scripts ?? {},
    },
    urls: [{ filename: wheel(one), url, size }],
  });
}

/** The index and its files, as a program of hosts outside. */
export const pythonIndex: SiteProgram = {
  ...program('python-index', function* () {
    return 0;
  }),
  site: () =>
    function* ({ path }) {
      const [, name = ''] = /^\/pypi\/([^/]+)\/json$/.exec(path) ?? [];
      const wanted = name.toLowerCase().replace(/[-_.]+/g, '_');
      const found = PYTHON_PACKAGES.find((one) => one.name.replaceAll('-', '_') === wanted);
      const file = PYTHON_PACKAGES.find((one) => path === `/packages/${wheel(one)}`);
      const body = file
        ? Content.ofBytes(archive(file))
        : Content.ofText(found ? document(found) : '{"message": "Not Found"}');
      return {
        status: file || found ? 200 : 404,
        headers: { 'content-type': 'application/json', 'content-length': String(body.size) },
        body,
      };
    },
};
