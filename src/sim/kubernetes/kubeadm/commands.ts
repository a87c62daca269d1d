// What runs each command of kubeadm, by its path. A command that is not here says that it is not simulated.

import type { Routine } from '../../core/wait.ts';
import {
  certificateKey,
  checkExpiration,
  generateRequests,
  RENEW_COMMANDS,
  userKubeconfig,
} from './certs-command.ts';
import {
  listImages,
  migrateConfig,
  printDefaults,
  pullConfiguredImages,
  validateConfig,
  version,
} from './config-command.ts';
import { runJoin } from './join.ts';
import { PHASE_COMMANDS, runInit } from './phases.ts';
import { runReset } from './reset.ts';
import type { Call } from './settings.ts';
import { createToken, deleteTokens, generateToken, listTokens } from './tokens.ts';
import { diffUpgrade, planUpgrade } from './upgrade.ts';
import { applyUpgrade, upgradeNode } from './upgrade-apply.ts';

export const COMMANDS: Readonly<Record<string, (call: Call) => Routine<number>>> = {
  init: runInit,
  ...PHASE_COMMANDS,
  join: runJoin,
  reset: runReset,
  'token list': listTokens,
  'token create': createToken,
  'token delete': deleteTokens,
  'token generate': generateToken,
  'certs check-expiration': checkExpiration,
  'certs certificate-key': certificateKey,
  'certs generate-csr': generateRequests,
  ...RENEW_COMMANDS,
  'kubeconfig user': userKubeconfig,
  'config print init-defaults': printDefaults('init'),
  'config print join-defaults': printDefaults('join'),
  'config print reset-defaults': printDefaults('reset'),
  'config print upgrade-defaults': printDefaults('upgrade'),
  'config images list': listImages,
  'config images pull': pullConfiguredImages,
  'config migrate': migrateConfig,
  'config validate': validateConfig,
  'upgrade plan': planUpgrade,
  'upgrade diff': diffUpgrade,
  'upgrade apply': applyUpgrade,
  'upgrade node': upgradeNode,
  version,
};
