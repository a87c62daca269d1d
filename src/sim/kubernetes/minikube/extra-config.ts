// `minikube start --extra-config` and `--feature-gates`: options of the cluster's components, as kubeadm's configuration takes
// them (bootstrapper/bsutil). Of kubeadm itself what minikube lets through.

import type { Routine } from '../../core/wait.ts';
import type { Call } from './command.ts';
import { Exit, exitWith } from './reasons.ts';

const MK_USAGE_STATUS = 14;

/** The components in minikube's order. */
const COMPONENTS = [
  'apiserver',
  'controller-manager',
  'scheduler',
  'etcd',
  'kubeadm',
  'kubelet',
  'kube-proxy',
] as const;

export type Component = (typeof COMPONENTS)[number];

/** Options of components: `apiserver` has `v`: `5`. */
export type ExtraOptions = Readonly<Partial<Record<Component, Readonly<Record<string, string>>>>>;

/** What of kubeadm may be set. */
const KUBEADM_ALLOWED = ['ignore-preflight-errors', 'dry-run', 'kubeconfig', 'kubeconfig-dir']
  .concat(['node-name', 'cri-socket', 'experimental-upload-certs', 'certificate-key', 'rootfs'])
  .concat(['skip-phases', 'patches', 'pod-network-cidr']);

/** Components that --feature-gates goes to. */
const GATED: readonly Component[] = ['apiserver', 'controller-manager', 'scheduler', 'kubelet'];

const FORM = /^([^.=]+)\.([^=]+)=(.*)$/s;

/** Ends the command where a value of --extra-config has not its form: the flag itself refuses it. */
export function* checkExtraForm(call: Call): Routine<void> {
  for (const text of call.values.all('extra-config')) {
    if (FORM.test(text)) continue;
    const lacks = text.includes('.') ? 'one equal sign' : 'at least one period';
    call.main.err.put(
      `Error: invalid argument "${text}" for "--extra-config" flag: invalid value: must contain ${lacks}: "${text}"\nSee 'minikube start --help' for usage.\n`,
    );
    yield* call.main.err.flush();
    throw new Exit(MK_USAGE_STATUS);
  }
}

/** The options that the flags name; ends the command where one cannot be. */
export function* extraOptions(call: Call): Routine<ExtraOptions> {
  const options: Partial<Record<Component, Record<string, string>>> = {};
  const strangers: string[] = [];
  for (const text of call.values.all('extra-config')) {
    const [, component = '', name = '', value = ''] = FORM.exec(text) ?? [];
    const known = COMPONENTS.find((one) => one === component);
    if (!known) {
      strangers.push(component);
      continue;
    }
    if (known === 'kubeadm' && !KUBEADM_ALLOWED.includes(name))
      yield* exitWith(
        call.out,
        'MK_USAGE',
        `Sorry, the kubeadm.${name} parameter is currently not supported by --extra-config`,
      );
    options[known] = { ...options[known], [name]: value };
  }
  if (strangers.length > 0) {
    yield* call.out.error(
      'Warning',
      `These --extra-config parameters are invalid: [${strangers.join(' ')}]`,
    );
    yield* exitWith(call.out, 'MK_USAGE', `Valid components are: [${COMPONENTS.join(' ')}]`);
  }
  const gates = call.setting('feature-gates') ?? '';
  if (gates !== '')
    for (const component of GATED)
      options[component] = { ...options[component], 'feature-gates': gates };
  return options;
}

/** The extraArgs of a component in kubeadm's configuration, indented below it; '' where it has none. */
export function argumentLines(options: ExtraOptions, component: Component, indent: number): string {
  const lead = ' '.repeat(indent);
  return Object.entries(options[component] ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${lead}- name: "${name}"\n${lead}  value: "${value}"\n`)
    .join('');
}

/** Options of kubeadm itself as its flags; the pods' range stands in its configuration. */
export function kubeadmFlags({ kubeadm = {} }: ExtraOptions): string {
  return Object.entries(kubeadm)
    .filter(([name]) => name !== 'pod-network-cidr')
    .map(([name, value]) => ` --${name}=${value}`)
    .join('');
}
