// nerdctl's volumes: directories below its data store, and the mounts that --volume asks for.

import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { makeDirectories, removeAll, writeWholeFile } from '../containerd/daemon.ts';
import { isRpcError } from '../rpc.ts';
import type { SpecMount } from '../runc/spec.ts';
import { type Call, DATA_STORE, fatal, table } from './call.ts';

const root = ({ namespace }: Call): string => `${DATA_STORE}/volumes/${namespace}`;
const dataOf = (call: Call, name: string): string => `${root(call)}/${name}/_data`;

/** Makes a volume where there is none of that name. */
function ensure(call: Call, name: string): string {
  const { process: p } = call.main;
  const path = dataOf(call, name);
  if (p.exists(path)) return path;
  makeDirectories(p, path);
  writeWholeFile(p, `${root(call)}/${name}/volume.json`, encode('{}'), 0o644);
  return path;
}

/** The mount of `SOURCE:TARGET[:OPTIONS]` or `TARGET`; a text says what is wrong. */
export function volumeMount(call: Call, text: string): SpecMount | string {
  const parts = text.split(':');
  const { process: p } = call.main;
  if (parts.length > 3) return `failed to parse ${JSON.stringify(text)}`;
  const [first = '', second, options = ''] = parts;
  const destination = second ?? first;
  if (!destination.startsWith('/'))
    return `expected an absolute path, got ${JSON.stringify(destination)}`;
  const named = second === undefined ? p.task.kernel.entropy.hex(64) : first;
  const isPath = /^[./~]/.test(named);
  const cwd = p.getcwd();
  const absolute = named.startsWith('/') ? named : `${isErrno(cwd) ? '' : cwd}/${named}`;
  const source = isPath ? absolute : ensure(call, named);
  if (isPath) makeDirectories(p, source);
  const mode = options.split(',').includes('ro') ? ['ro'] : [];
  return { destination, type: 'none', source, options: ['rbind', 'rprivate', ...mode] };
}

function names(call: Call): string[] {
  const entries = call.main.process.readdir(root(call));
  return isErrno(entries) ? [] : entries.map(({ name }) => name).sort();
}

export function* listVolumes(call: Call): Routine<number> {
  const all = names(call);
  const rows = all.map((name) => [name, dataOf(call, name)]);
  const text = call.given.is('quiet')
    ? all.map((name) => `${name}\n`).join('')
    : table([['VOLUME NAME', 'DIRECTORY'], ...rows]);
  call.main.out.put(text);
  return 0;
}

export function* createVolume(call: Call): Routine<number> {
  const name = call.args[0] ?? call.main.process.task.kernel.entropy.hex(64);
  ensure(call, name);
  call.main.out.put(`${name}\n`);
  return 0;
}

export function* inspectVolumes(call: Call): Routine<number> {
  const { main, args } = call;
  const known = names(call);
  const missing = args.find((name) => !known.includes(name));
  if (missing !== undefined) return yield* fatal(main, `no such volume: ${missing}`);
  const shown = args.map((name) => ({ Name: name, Mountpoint: dataOf(call, name) }));
  main.out.put(`${JSON.stringify(shown, undefined, 4)}\n`);
  return 0;
}

export function* removeVolumes(call: Call): Routine<number> {
  const { main, client, args } = call;
  const containers = yield* client.containers();
  const mounted = isRpcError(containers)
    ? []
    : containers.flatMap(({ spec }) => (spec.mounts ?? []).map(({ source }) => source));
  const errors: string[] = [];
  for (const name of args) {
    if (!names(call).includes(name)) errors.push(`no such volume: ${name}`);
    else if (mounted.includes(dataOf(call, name)))
      errors.push(`volume ${JSON.stringify(name)} is in use`);
    else {
      removeAll(main.process, `${root(call)}/${name}`);
      main.out.put(`${name}\n`);
    }
  }
  yield* main.out.flush();
  return errors.length === 0 ? 0 : yield* fatal(main, errors.join('\n'));
}
