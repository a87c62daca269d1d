// --secret and --config of docker service (opts.SecretOpt): `NAME`, or `source=…,target=…,uid=…,gid=…,mode=…`.

import type { Routine } from '../../core/wait.ts';
import type { FileInTask, ServiceSpec } from '../swarm/model.ts';
import { type Api, isCallError } from './api.ts';
import { type FlagValues, pairsOf } from './command.ts';
import { csvFields } from './mount-flag.ts';

type Kind = 'secret' | 'config';

/** What flags ask for, with the ids that the manager knows; a text says what it does not. */
export function* filesFromFlags(
  api: Api,
  kind: Kind,
  texts: readonly string[],
): Routine<FileInTask[] | string> {
  const files: FileInTask[] = [];
  for (const text of texts) {
    const fields = text.includes('=') ? pairsOf(csvFields(text)) : { source: text };
    const { source = '', src = source, target, uid, gid, mode } = fields as Record<string, string>;
    const name = source || src;
    if (name === '') return 'source is required';
    const found = yield* api.get<{ ID: string }>(`/${kind}s/${encodeURIComponent(name)}`);
    if (isCallError(found)) return `${kind} not found: ${name}`;
    const word = kind === 'secret' ? 'Secret' : 'Config';
    files.push({
      File: {
        Name: target ?? (kind === 'secret' ? name : `/${name}`),
        UID: uid ?? '0',
        GID: gid ?? '0',
        Mode: mode === undefined ? 0o444 : Number.parseInt(mode, 8),
      },
      [`${word}ID`]: found.ID,
      [`${word}Name`]: name,
    });
  }
  return files;
}

/** Adds and removes secrets and configs as update's flags say; a text says what is wrong. */
export function* editFiles(
  api: Api,
  spec: ServiceSpec,
  flags: FlagValues,
): Routine<string | undefined> {
  const { ContainerSpec: container } = spec.TaskTemplate;
  for (const kind of ['secret', 'config'] as const) {
    const added = yield* filesFromFlags(api, kind, flags.list(`${kind}-add`));
    if (typeof added === 'string') return added;
    const gone = flags.list(`${kind}-rm`);
    if (added.length + gone.length === 0) continue;
    const key = kind === 'secret' ? 'Secrets' : 'Configs';
    const nameOf = (file: FileInTask): string => file.SecretName ?? file.ConfigName ?? '';
    const kept = (container[key] ?? []).filter((file) => !gone.includes(nameOf(file)));
    container[key] = [...kept, ...added];
  }
  return undefined;
}

/** The UpdateConfig or RollbackConfig that flags describe, over what there is. */
export function editUpdateConfigs(spec: ServiceSpec, flags: FlagValues): void {
  for (const [prefix, key] of [
    ['update', 'UpdateConfig'],
    ['rollback', 'RollbackConfig'],
  ] as const) {
    const given = (name: string): boolean => flags.given(`${prefix}-${name}`);
    if (!['parallelism', 'delay', 'failure-action', 'order'].some(given)) continue;
    const before = spec[key] ?? { Parallelism: 1, FailureAction: 'pause', Order: 'stop-first' };
    spec[key] = {
      ...before,
      ...(given('parallelism') ? { Parallelism: flags.number(`${prefix}-parallelism`) } : {}),
      ...(given('delay') ? { Delay: flags.duration(`${prefix}-delay`) } : {}),
      ...(given('failure-action') ? { FailureAction: flags.text(`${prefix}-failure-action`) } : {}),
      ...(given('order') ? { Order: flags.text(`${prefix}-order`) } : {}),
    };
  }
}
