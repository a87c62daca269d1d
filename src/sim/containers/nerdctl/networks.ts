// nerdctl's networks: CNI configurations in /etc/cni/net.d, of which those named nerdctl-* are its own. `bridge` is made
// when it is first needed.

import { sha256 } from '../../core/sha256.ts';
import { decode, encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { readFile } from '../../userland/libc/whole-file.ts';
import { CNI_CONF, type CniNetwork } from '../cni/library.ts';
import { makeDirectories, writeWholeFile } from '../containerd/daemon.ts';
import { isRpcError } from '../rpc.ts';
import { type Call, fatal, LABEL, table } from './call.ts';

/** The plugins that come with nerdctl (cni_path in /etc/nerdctl/nerdctl.toml). */
export const CNI_PATH = '/usr/local/libexec/cni';
export const DEFAULT_NETWORK = 'bridge';
/** Networks that are no networks. */
const PSEUDO = ['host', 'none'];

export interface Network extends CniNetwork {
  readonly nerdctlID?: string;
  readonly file: string;
}

/** All networks that are configured, by the names of their files. */
export function* networks(p: Process): Routine<Network[]> {
  const entries = p.readdir(CNI_CONF);
  const names = isErrno(entries) ? [] : entries.map(({ name }) => name);
  const found: Network[] = [];
  for (const name of names.filter((one) => one.endsWith('.conflist')).sort()) {
    const file = `${CNI_CONF}/${name}`;
    const bytes = yield* readFile(p, file);
    if (isErrno(bytes)) continue;
    try {
      found.push({ ...(JSON.parse(decode(bytes)) as CniNetwork), file });
    } catch {
      // A file that is no configuration is nobody's network.
    }
  }
  return found;
}

/** Makes the default network where there is none. */
export function* ensureDefault(p: Process): Routine<void> {
  const all = yield* networks(p);
  if (!all.some(({ name }) => name === DEFAULT_NETWORK)) write(p, DEFAULT_NETWORK, '10.4.0.0/24');
}

/** Writes a network of the driver bridge; its id is the hash of its name. */
function write(p: Process, name: string, subnet: string): string {
  const id = sha256(encode(name));
  const isDefault = name === DEFAULT_NETWORK;
  const gateway = subnet.replace(/\.\d+\/\d+$/, '.1');
  const config = {
    cniVersion: '1.0.0',
    name,
    nerdctlID: id,
    nerdctlLabels: isDefault ? { 'nerdctl/default-network': 'true' } : {},
    plugins: [
      {
        type: 'bridge',
        bridge: isDefault ? 'nerdctl0' : `br-${id.slice(0, 12)}`,
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          ranges: [[{ gateway, subnet }]],
          routes: [{ dst: '0.0.0.0/0' }],
          type: 'host-local',
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
      { type: 'firewall', ingressPolicy: 'same-bridge' },
      { type: 'tuning' },
    ],
  };
  makeDirectories(p, CNI_CONF);
  const text = JSON.stringify(config, undefined, 2);
  writeWholeFile(p, `${CNI_CONF}/nerdctl-${name}.conflist`, encode(text), 0o644);
  return id;
}

export function* listNetworks(call: Call): Routine<number> {
  const { process: p, out } = call.main;
  yield* ensureDefault(p);
  const all = yield* networks(p);
  const rows = all.map(({ nerdctlID = '', name, file }) => [nerdctlID.slice(0, 12), name, file]);
  if (call.given.is('quiet')) {
    out.put(rows.map(([id]) => (id === '' ? '' : `${id}\n`)).join(''));
    return 0;
  }
  const pseudo = PSEUDO.map((name) => ['', name, '']);
  out.put(table([['NETWORK ID', 'NAME', 'FILE'], ...rows, ...pseudo]));
  return 0;
}

export function* createNetwork(call: Call): Routine<number> {
  const { main, args, given } = call;
  const [name = ''] = args;
  yield* ensureDefault(main.process);
  const all = yield* networks(main.process);
  if (PSEUDO.includes(name) || all.some((one) => one.name === name)) {
    return yield* fatal(main, `network with name ${name} already exists`);
  }
  const used = all.flatMap(({ plugins }) => subnetsOf(plugins));
  let third = 1;
  while (used.includes(`10.4.${third}.0/24`)) third++;
  const id = write(main.process, name, given.text('subnet') || `10.4.${third}.0/24`);
  main.out.put(`${id}\n`);
  return 0;
}

function subnetsOf(plugins: CniNetwork['plugins']): string[] {
  return plugins.flatMap(({ ipam }) => {
    const { ranges } = (ipam ?? {}) as { ranges?: { subnet?: string }[][] };
    return (ranges ?? []).flat().flatMap(({ subnet }) => (subnet === undefined ? [] : [subnet]));
  });
}

export function* removeNetworks(call: Call): Routine<number> {
  const { main, client } = call;
  const containers = yield* client.containers();
  const held = isRpcError(containers) ? [] : containers;
  const errors: string[] = [];
  for (const word of call.args) {
    const all = yield* networks(main.process);
    const found = all.find(
      ({ name, nerdctlID }) => name === word || nerdctlID?.startsWith(word) === true,
    );
    const problem = refuse(
      word,
      found,
      held.some(({ labels }) => usesNetwork(labels, word)),
    );
    if (problem === undefined && found) {
      main.process.unlink(found.file);
      main.out.put(`${word}\n`);
    } else errors.push(problem ?? '');
  }
  yield* main.out.flush();
  return errors.length === 0 ? 0 : yield* fatal(main, errors.join('\n'));
}

function usesNetwork(labels: Readonly<Record<string, string>>, name: string): boolean {
  const list = JSON.parse(labels[LABEL.networks] ?? '[]') as readonly string[];
  return list.includes(name);
}

function refuse(word: string, found: Network | undefined, used: boolean): string | undefined {
  if (PSEUDO.includes(word)) return `pseudo network "${word}" cannot be removed`;
  if (found === undefined) return `no network found matching: ${word}`;
  if (found.nerdctlID === undefined)
    return `${word} is managed outside nerdctl and cannot be removed`;
  return used ? `network "${word}" is in use` : undefined;
}
