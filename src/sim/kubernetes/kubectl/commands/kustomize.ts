// kubectl kustomize: what a folder's kustomization makes, as YAML.

import { encode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { writeFile } from '../../../userland/libc/whole-file.ts';
import { toYaml } from '../../../userland/yaml/write.ts';
import type { Call, Command } from '../command.ts';
import { Failure, failure } from '../failure.ts';
import { kustomize as build } from '../kustomize/build.ts';

/** Flags that belong to plugins, functions and charts. */
const LEFT_OUT = [
  'enable-helm',
  'enable-alpha-plugins',
  'network',
  'mount',
  'env',
  'as-current-user',
];

export const kustomize: Command = { name: 'kustomize', run: runKustomize };

function* runKustomize(call: Call): Routine<void> {
  const { values, args } = call;
  const left = LEFT_OUT.find((flag) => values.changed(flag));
  if (left) throw new Failure(`drydock: kubectl kustomize --${left} is not simulated`, 125);
  if (args.length > 1) throw failure('specify one path to kustomization.yaml');
  const { process } = call.main;
  const objects = yield* build(process, args[0] ?? '.', (text) => call.err(text));
  const output = values.text('output');
  const stat = output === '' ? undefined : process.stat(output);
  if (stat && !isErrno(stat) && (stat.mode & 0o170000) === 0o040000) {
    for (const object of objects) {
      const { apiVersion = '', kind = '', metadata } = object;
      const group = apiVersion.replace('/', '_').toLowerCase();
      const space = metadata?.namespace ? `${metadata.namespace}_` : '';
      const name = `${space}${group}_${kind.toLowerCase()}_${metadata?.name ?? ''}.yaml`;
      yield* writeFile(process, `${output}/${name}`, encode(toYaml(object)), 0o644);
    }
    return;
  }
  const text = objects.map((object) => toYaml(object)).join('---\n');
  if (output === '') yield* call.out(text);
  else yield* writeFile(process, output, encode(text), 0o644);
}
