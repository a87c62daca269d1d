// PersistentVolumeClaim: its volume mode.

import { fillIn, replaceField } from '../object.ts';
import type { PersistentVolumeClaim } from '../types/apps.ts';

/** The defaults of a claim, in its own right or as a template. */
export function claimDefaults<T extends PersistentVolumeClaim>(claim: T): T {
  const spec = fillIn(claim.spec, { volumeMode: 'Filesystem' });
  return replaceField<T, 'spec'>(claim, 'spec', spec);
}
