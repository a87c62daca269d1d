// A chart as an archive (pkg/chart/v2/util/save.go): a gzipped tar with everything under the chart's name.

import { writeTar } from '../../containers/images/tar.ts';
import { encode } from '../../core/text.ts';
import { gzip } from '../../userland/libc/gzip.ts';
import { toYaml } from '../../userland/yaml/write.ts';
import { type Chart, chartName } from './chart.ts';
import type { Values } from './convert.ts';

const FILE_MODE = 0o644;

/** The bytes of a chart's archive; `metadata` stands in for what Chart.yaml says. */
export function archiveOf(chart: Chart, mtime: number, metadata?: Values): Uint8Array {
  const name = chartName(chart);
  return gzip(
    writeTar(
      chart.files.map((file) => ({
        name: `${name}/${file.name}`,
        kind: 'file' as const,
        mode: FILE_MODE,
        uid: 0,
        gid: 0,
        mtime,
        content: file.name === 'Chart.yaml' && metadata ? encode(toYaml(metadata)) : file.bytes,
      })),
    ),
  );
}
