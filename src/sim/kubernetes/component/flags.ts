// Command-line flags of the cluster's components (component-base, pflag): `--name=value`, `--name value`, and bare
// booleans. A component reads the flags that it acts on, takes the others that the real one has, and refuses the rest.

import type { Routine } from '../../core/wait.ts';
import type { Main } from '../../userland/libc/stdio.ts';
import { unknownFlag } from './known-flags.ts';

/** The flags of a command line by name, without the dashes; the last one given counts. */
export type Flags = ReadonlyMap<string, string>;

/** Reads flags; `booleans` are those that take no value in the word after. */
export function parseFlags(args: readonly string[], booleans: readonly string[] = []): Flags {
  const flags = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const [, name, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(args[i] ?? '') ?? [];
    if (name === undefined) continue;
    if (value !== undefined) flags.set(name, value);
    else if (booleans.includes(name) || (args[i + 1] ?? '-').startsWith('-'))
      flags.set(name, 'true');
    else flags.set(name, args[++i] ?? '');
  }
  return flags;
}

/** The items of a comma-separated flag. */
export function listFlag(flags: Flags, name: string): readonly string[] {
  return (flags.get(name) ?? '').split(',').filter((item) => item !== '');
}

/** What kubeadm's manifests give each; whatever else is looked up among all that the component knows. */
const USUAL: Readonly<Record<string, string>> = {
  'kube-apiserver':
    'advertise-address allow-privileged authorization-mode client-ca-file enable-admission-plugins enable-bootstrap-token-auth etcd-cafile etcd-certfile etcd-keyfile etcd-servers kubelet-client-certificate kubelet-client-key kubelet-preferred-address-types proxy-client-cert-file proxy-client-key-file requestheader-allowed-names requestheader-client-ca-file requestheader-extra-headers-prefix requestheader-group-headers requestheader-username-headers secure-port service-account-issuer service-account-key-file service-account-signing-key-file service-cluster-ip-range tls-cert-file tls-private-key-file',
  'kube-controller-manager':
    'allocate-node-cidrs authentication-kubeconfig authorization-kubeconfig bind-address client-ca-file cluster-cidr cluster-name cluster-signing-cert-file cluster-signing-key-file controllers kubeconfig leader-elect requestheader-client-ca-file root-ca-file service-account-private-key-file service-cluster-ip-range use-service-account-credentials',
  'kube-scheduler':
    'authentication-kubeconfig authorization-kubeconfig bind-address kubeconfig leader-elect',
};

/** True where all flags are the component's own; else the first that is not has been named. Usage is left out. */
export function* checkFlags(main: Main, component: string, flags: Flags): Routine<boolean> {
  const usual = new Set((USUAL[component] ?? '').split(' '));
  const odd = [...flags.keys()].filter((name) => !usual.has(name));
  const unknown = odd.length > 0 ? yield* unknownFlag(component, odd) : undefined;
  if (unknown === undefined) return true;
  yield* main.err.print(`Error: unknown flag: --${unknown}\n`);
  return false;
}
