// The programs that come with etcd.

import { MILLISECOND } from '../core/time.ts';
import type { ProgramFamily } from '../userland/programs/index.ts';
import { etcdctl } from './ctl/etcdctl.ts';
import { etcd } from './server/etcd.ts';
import { etcdutl } from './utl/etcdutl.ts';

export const etcdPrograms: ProgramFamily = {
  name: 'etcd',
  startup: 12 * MILLISECOND,
  programs: [etcd, etcdctl, etcdutl],
};
