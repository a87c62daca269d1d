// minikube addons open, images, configure; mount, cache, ssh-key, ssh-host, completion: what they refuse. What they do beyond
// that is left out, but for `addons open`.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { findAddon } from './addons/catalog.ts';
import { healthy, partial, running } from './cluster.ts';
import type { Call, Command } from './command.ts';
import { loadProfile } from './profile.ts';
import { exitWith } from './reasons.ts';

/** What is left out of a command, once its words were looked at. */
function rest(call: Call, path: string): Routine<number> {
  return notSimulated(call.main, ['minikube', path, ...call.args].join(' '));
}

function* addonsOpen(call: Call): Routine<number> {
  const { args, out } = call;
  const [name = ''] = args;
  if (args.length !== 1) yield* exitWith(out, 'MK_USAGE', 'usage: minikube addons open ADDON_NAME');
  const profile = yield* healthy(call);
  if (!findAddon(name))
    yield* exitWith(
      out,
      'MK_USAGE',
      `addon '${name}' is not a valid addon packaged with minikube.\nTo see the list of available addons run:\nminikube addons list`,
    );
  if (!profile.Addons[name])
    yield* exitWith(
      out,
      'MK_USAGE',
      `addon '${name}' is currently not enabled.\nTo enable this addon run:\nminikube addons enable ${name}`,
    );
  return yield* rest(call, 'addons open');
}

function* addonsImages(call: Call): Routine<number> {
  const { args, out } = call;
  const [name = ''] = args;
  if (args.length !== 1)
    yield* exitWith(out, 'MK_USAGE', 'usage: minikube addons images ADDON_NAME');
  if (findAddon(name)) return yield* rest(call, 'addons images');
  yield* out.error('Failure', `No such addon ${name}`);
  return 0;
}

/** Addons that can be configured. */
const CONFIGURABLE = ['registry-creds', 'metallb', 'ingress', 'registry-aliases', 'auto-pause'];

function* addonsConfigure(call: Call): Routine<number> {
  const { args, out } = call;
  const [name = ''] = args;
  if (args.length !== 1)
    yield* exitWith(out, 'MK_USAGE', 'usage: minikube addons configure ADDON_NAME');
  if (CONFIGURABLE.includes(name)) return yield* rest(call, 'addons configure');
  yield* out.error('Failure', `${name} has no available configuration options`);
  return 0;
}

function* mount(call: Call): Routine<number> {
  const { args, out, main } = call;
  const [given = ''] = args;
  if (args.length !== 1)
    yield* exitWith(
      out,
      'MK_USAGE',
      'Please specify the directory to be mounted: \n\tminikube mount <source directory>:<target directory>   (example: "/host-home:/vm-home")',
    );
  const at = given.lastIndexOf(':');
  if (at < 0)
    yield* exitWith(
      out,
      'MK_USAGE',
      `mount argument "${given}" must be in form: <source directory>:<target directory>`,
    );
  const source = given.slice(0, at);
  if (isErrno(main.process.stat(source)))
    yield* exitWith(out, 'HOST_PATH_MISSING', `Cannot find directory ${source} for mount`);
  if (!given.slice(at + 1).startsWith('/'))
    yield* exitWith(
      out,
      'MK_USAGE',
      `Target directory "${given.slice(at + 1)}" must be an absolute path`,
    );
  yield* running(call);
  return yield* rest(call, 'mount');
}

function* cacheAdd(call: Call): Routine<number> {
  const { out, name } = call;
  yield* out.error(
    'Warning',
    '"minikube cache" will be deprecated in upcoming versions, please switch to "minikube image load"',
  );
  if (!(yield* loadProfile(call.main.process, name)))
    yield* exitWith(
      out,
      'MK_USAGE',
      `minikube profile is not valid: cluster "${name}" does not exist`,
    );
  return yield* rest(call, 'cache add');
}

/** Images of the cache: there are none, since nothing puts one there. */
function* noCache(_call: Call): Routine<void> {}

function* sshKey(call: Call): Routine<number> {
  yield* partial(call);
  return yield* rest(call, 'ssh-key');
}

function* sshHost(call: Call): Routine<number> {
  yield* running(call);
  return yield* rest(call, 'ssh-host');
}

const SHELLS = ['bash', 'fish', 'powershell', 'zsh'];

function* completion(call: Call): Routine<number> {
  const { args, out } = call;
  const [shell = ''] = args;
  if (args.length !== 1) yield* exitWith(out, 'MK_USAGE', 'Usage: minikube completion SHELL');
  if (!SHELLS.includes(shell))
    yield* exitWith(
      out,
      'MK_USAGE',
      `Sorry, completion support is not yet implemented for ${shell}`,
    );
  return yield* rest(call, 'completion');
}

export const REFUSING_COMMANDS: readonly Command[] = [
  { path: 'addons open', flags: [], run: addonsOpen },
  { path: 'addons images', flags: [], run: addonsImages },
  { path: 'addons configure', flags: [], run: addonsConfigure },
  { path: 'mount', flags: [], run: mount },
  { path: 'cache add', flags: [], run: cacheAdd },
  { path: 'cache list', flags: [], run: noCache },
  { path: 'cache delete', flags: [], run: noCache },
  { path: 'ssh-key', flags: [], run: sshKey },
  { path: 'ssh-host', flags: [], run: sshHost },
  { path: 'completion', flags: [], run: completion },
];
