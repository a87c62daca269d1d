// A chart as an archive (pkg/chart/v2/util/save.go): a gzipped tar with everything under the chart's name.

import { writeTar } from '../../containers/images/tar.ts';
import { encode } from '../../core/text.ts';
import { gzip } from '../../userland/libc/gzip.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import { type Chart, chartName } from './chart.ts';

const FILE_MODE = 0o644;

/** The order in which a chart's parts are written; charts inside it come after everything else. */
const PARTS = [
  /^Chart\.yaml$/,
  /^Chart\.lock$/,
  /^values\.yaml$/,
  /^values\.schema\.json$/,
  /^templates\//,
  /^(?!charts\/)/,
];

const rank = (name: string): number => {
  const part = PARTS.findIndex((form) => form.test(name));
  return part < 0 ? PARTS.length : part;
};

/** The bytes of a chart's archive, with `metadata` written anew as its Chart.yaml. */
export function archiveOf(chart: Chart, mtime: number, metadata = chart.metadata): Uint8Array {
  const name = chartName(chart);
  const files = chart.files.toSorted((a, b) => rank(a.name) - rank(b.name));
  return gzip(
    writeTar(
      files.map((file) => ({
        name: `${name}/${file.name}`,
        kind: 'file' as const,
        mode: FILE_MODE,
        uid: 0,
        gid: 0,
        mtime,
        content: file.name === 'Chart.yaml' ? encode(toYaml(metadata)) : file.bytes,
      })),
    ),
  );
}
