// The version modelled, and GET /version.

/** The version of every part of Kubernetes here. */
export const KUBERNETES_VERSION = 'v1.36.3';

/** The version as the server tells it. */
export const VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: KUBERNETES_VERSION,
  gitCommit: '9f8e7d6c5b4a39281706f5e4d3c2b1a098765432',
  gitTreeState: 'clean',
  buildDate: '2026-07-22T18:00:00Z',
  goVersion: 'go1.26.4',
  compiler: 'gc',
  platform: 'linux/amd64',
} as const;
