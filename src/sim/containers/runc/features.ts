// `runc features`: what this build can do, as the runtime spec's features structure.

import { MOUNT_OPTION_WORDS } from '../../kernel/files/mount-options.ts';
import { CAPABILITIES } from '../../kernel/task/credentials.ts';
import { HOOK_NAMES } from './spec.ts';
import { NAMESPACE_TYPES } from './validate.ts';

const ACTIONS = [
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_TRAP',
];
const OPERATORS = [
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_LE',
  'SCMP_CMP_LT',
  'SCMP_CMP_MASKED_EQ',
  'SCMP_CMP_NE',
];
const ARCHES = [
  'SCMP_ARCH_AARCH64',
  'SCMP_ARCH_ARM',
  'SCMP_ARCH_X32',
  'SCMP_ARCH_X86',
  'SCMP_ARCH_X86_64',
];

/** The text that `runc features` prints. */
export function featuresText(): string {
  const features = {
    ociVersionMin: '1.0.0',
    ociVersionMax: '1.3.0',
    hooks: HOOK_NAMES,
    mountOptions: Object.keys(MOUNT_OPTION_WORDS).sort(),
    linux: {
      namespaces: Object.keys(NAMESPACE_TYPES).sort(),
      capabilities: CAPABILITIES.map((name) => `CAP_${name.toUpperCase()}`),
      cgroup: { v1: true, v2: true, systemd: true, systemdUser: true, rdma: true },
      seccomp: { enabled: true, actions: ACTIONS, operators: OPERATORS, archs: ARCHES },
      apparmor: { enabled: true },
      selinux: { enabled: true },
      intelRdt: { enabled: true },
      mountExtensions: { idmap: { enabled: true } },
    },
    annotations: {
      'io.github.seccomp.libseccomp.version': '2.5.4',
      'org.opencontainers.runc.checkpoint.enabled': 'true',
      'org.opencontainers.runc.commit': 'v1.4.3-0-gd6d73eb8',
      'org.opencontainers.runc.version': '1.4.3',
    },
    potentiallyUnsafeConfigAnnotations: ['bundle', 'org.systemd.property.', 'org.criu.config'],
  };
  return `${JSON.stringify(features, undefined, 4)}\n`;
}
