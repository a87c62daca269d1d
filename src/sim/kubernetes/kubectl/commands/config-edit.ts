// Changing kubeconfig files (client-go's clientcmd.ModifyConfig): which file an entry is in, its fields, writing it back.

import { encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { dirName, writeFile } from '../../../userland/libc/whole-file.ts';
import { parseYaml, YamlProblem } from '../../../userland/yaml/read.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import { readText } from '../../component/kubeconfig.ts';
import type { Call } from '../command.ts';
import { failure } from '../failure.ts';
import { type Fields, kubeconfigFiles, readKubeconfig, SECTIONS } from '../kubeconfig.ts';

export type Section = keyof typeof SECTIONS;
export type KubeconfigFile = Fields & { [list in Section]?: Fields[] };

/** The file for what stands in none: the first of several that exists, else the last. */
export function defaultFile(call: Call): string {
  const files = kubeconfigFiles(call.main.process, call.values);
  const there = files.find((path) => !isErrno(call.main.process.stat(path)));
  return there ?? files[files.length - 1] ?? '';
}

/** The file that an entry is in, or the one for new entries. */
function* fileOf(call: Call, section: Section | undefined, name: string): Routine<string> {
  if (!section) return defaultFile(call);
  const config = yield* readKubeconfig(call.main.process, call.values);
  return config[section].find((one) => one.name === name)?.file ?? defaultFile(call);
}

/** Reads the file that has an entry (or the one for new ones), changes it, writes it back. */
export function* editKubeconfig(
  call: Call,
  change: (file: KubeconfigFile) => void,
  section?: Section,
  name = '',
): Routine<void> {
  const { process } = call.main;
  const path = yield* fileOf(call, section, name);
  const read = yield* readText(process, path);
  const parsed = isErrno(read) || read.trim() === '' ? {} : parseYaml(read);
  const file = (parsed instanceof YamlProblem ? {} : { ...(parsed as object) }) as KubeconfigFile;
  change(file);
  const whole = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: null,
    contexts: null,
    'current-context': '',
    users: null,
    ...file,
  };
  process.mkdir(dirName(path));
  const failed = yield* writeFile(process, path, encode(toYaml(whole)), 0o600);
  if (failed) throw failure(`open ${path}: ${failed.message.toLowerCase()}`);
}

/** The fields of an entry, made where it is missing. */
export function entryOf(
  file: KubeconfigFile,
  list: Section,
  name: string,
): { fields: Fields; existed: boolean } {
  const all = [...(file[list] ?? [])];
  const found = all.find((one) => one.name === name);
  const fields = { ...((found?.[SECTIONS[list]] ?? {}) as Fields) };
  const made = { [SECTIONS[list]]: fields, name };
  file[list] = found ? all.map((one) => (one === found ? made : one)) : [...all, made];
  return { fields, existed: found !== undefined };
}
