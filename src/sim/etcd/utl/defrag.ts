// etcdutl defrag: gives a database file's free space back.

import type { ProgramRun } from '../../kernel/program.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Command } from '../cobra/command.ts';
import { goDuration } from '../cobra/flags.ts';
import { EXIT, fail } from '../ctl/ctl.ts';
import { humanBytes } from '../ctl/endpoint.ts';
import { loadDisk } from '../server/data-dir.ts';
import { logLine } from './log.ts';

export const defragCommand: Command = {
  name: 'defrag',
  short: 'Defragments the storage of the etcd',
  flags: [
    {
      name: 'data-dir',
      kind: 'string',
      value: '',
      usage: 'Required. Defragments a data directory not in use by etcd.',
      required: true,
    },
  ],
  *run({ main, values }): ProgramRun {
    const dataDir = values.text('data-dir');
    const path = `${dataDir}/member/snap/db`;
    const found = main.process.stat(path);
    if (isErrno(found)) {
      const why = found.message.charAt(0).toLowerCase() + found.message.slice(1);
      const text = `Failed to defragment etcd data[${dataDir}] (stat ${path}: ${why})`;
      return yield* fail(main, EXIT.error, text);
    }
    const disk = yield* loadDisk(main.process, dataDir);
    const before = disk?.backend.store.bytesAllocated ?? found.size;
    disk?.backend.store.defragment();
    const after = disk?.backend.store.bytesAllocated ?? found.size;
    yield* logLine(main, 'backend/backend.go:522', 'defragmenting', {
      path,
      'current-db-size-bytes': before,
      'current-db-size': humanBytes(before),
    });
    yield* logLine(main, 'backend/backend.go:592', 'finished defragmenting directory', {
      path,
      'current-db-size-bytes-diff': after - before,
      'current-db-size-bytes': after,
      'current-db-size': humanBytes(after),
      took: goDuration(main.process.now),
    });
    return 0;
  },
};
