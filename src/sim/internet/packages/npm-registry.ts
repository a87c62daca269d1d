// registry.npmjs.org: a document for each package and its archives.

import { Content } from '../../core/content.ts';
import { encode } from '../../core/text.ts';
import { writeTar } from '../../containers/images/tar.ts';
import { toBase, BASE64 } from '../../userland/programs/coreutils/encode.ts';
import { gzip } from '../../userland/libc/gzip.ts';
import { sha2 } from '../../userland/libc/hashes.ts';
import { program } from '../../userland/libc/stdio.ts';
import { NPM_PACKAGES, type NpmPackage } from './npm-packages.ts';
import type { SiteProgram } from './site.ts';

function archive({ files }: NpmPackage): Uint8Array {
  return gzip(
    writeTar(
      Object.entries(files).map(([name, text]) => ({
        name: `package/${name}`,
        kind: 'file' as const,
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtime: 499_162_500,
        content: encode(text),
      })),
    ),
  );
}

/** What is said of one version. */
function version(one: NpmPackage): object {
  const bytes = archive(one);
  const { name, version: number, license, description, size } = one;
  return {
    name,
    version: number,
    license,
    description,
    main: 'index.js',
    dist: {
      integrity: `sha512-${toBase(sha2('sha512', bytes), BASE64, 6)}`,
      tarball: `https://registry.npmjs.org/${name}/-/${name}-${number}.tgz`,
      unpackedSize: size,
    },
  };
}

/** The registry, as a program of a host outside. */
export const npmRegistry: SiteProgram = {
  ...program('npm-registry', function* () {
    return 0;
  }),
  site: () =>
    function* ({ path }) {
      const [, name = '', file] = /^\/((?:@[^/]+\/)?[^/]+)(?:\/-\/(.+\.tgz))?$/.exec(path) ?? [];
      const versions = NPM_PACKAGES.filter((one) => one.name === name);
      const found = versions.find((one) => file === `${one.name}-${one.version}.tgz`);
      if (found) {
        const body = Content.ofBytes(archive(found));
        return {
          status: 200,
          headers: {
            'content-type': 'application/octet-stream',
            'content-length': String(body.size),
          },
          body,
        };
      }
      const known = versions.length > 0 && file === undefined;
      const text = known
        ? JSON.stringify({
            name,
            'dist-tags': { latest: versions.at(-1)?.version },
            versions: Object.fromEntries(versions.map((one) => [one.version, version(one)])),
          })
        : '{"error":"Not found"}';
      return {
        status: known ? 200 : 404,
        headers: {
          'content-type': 'application/json',
          'content-length': String(encode(text).length),
        },
        body: Content.ofText(text),
      };
    },
};
