// The kinds that kubectl create makes of flags, each in one table.

import type { Generator } from '../commands/create.ts';
import { configGenerators } from './config.ts';
import { rbacGenerators } from './rbac.ts';
import { serviceGenerators } from './service.ts';
import { workloadGenerators } from './workload.ts';

export const GENERATORS: readonly Generator[] = [
  ...configGenerators,
  ...rbacGenerators,
  ...serviceGenerators,
  ...workloadGenerators,
].sort((a, b) => (a.name < b.name ? -1 : 1));
