// minikube addons list, enable, disable; dashboard. Enabling copies an addon's manifests to the node and applies them there.

import { SECOND } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { findProgram, spawn, waitFor } from '../../userland/libc/spawn.ts';
import { notSimulated } from '../../userland/libc/stdio.ts';
import { Refusal } from '../api/client.ts';
import { resources } from '../api/client-resources.ts';
import { ADDONS, type Addon, type AddonObjects, findAddon, imagesOf } from './addons/catalog.ts';
import { clientOf, healthy, onPrimary, partial, serviceExists, statusOf } from './cluster.ts';
import { type Call, type Command, flag } from './command.ts';
import { listProfiles, loadProfile, type Profile, saveProfile } from './profile.ts';
import { Exit, exitWith } from './reasons.ts';
import { drawTable } from './table.ts';

const FOLDER = '/etc/kubernetes/addons';
const WAIT = 6 * 60 * SECOND;
const OFFICIAL = ['Google', 'Kubernetes', 'minikube'];

function* list(call: Call): Routine<void> {
  const { args, values, out, name } = call;
  if (args.length > 0) yield* exitWith(out, 'MK_USAGE', 'usage: minikube addons list');
  const profile = yield* loadProfile(call.main.process, name);
  const enabled = (addon: Addon): boolean => profile?.Addons[addon.name] === true;
  const output = values.text('output').toLowerCase();
  if (output === 'json') {
    const entries = ADDONS.map((addon) => [
      addon.name,
      profile ? { Profile: name, Status: enabled(addon) ? 'enabled' : 'disabled' } : {},
    ]);
    return yield* out.plain(JSON.stringify(Object.fromEntries(entries)));
  }
  if (output !== 'list')
    yield* exitWith(
      out,
      'MK_USAGE',
      `invalid output format: ${output}. Valid values: 'list', 'json'`,
    );
  const rows = ADDONS.map((addon) => [
    addon.name,
    ...(profile ? [name, enabled(addon) ? 'enabled ✅' : 'disabled'] : []),
    addon.maintainer,
  ]);
  const headings = ['ADDON NAME', ...(profile ? ['PROFILE', 'STATUS'] : []), 'MAINTAINER'];
  yield* out.plain(drawTable(headings, rows));
  if ((yield* listProfiles(call.main.process)).length > 1)
    yield* out.step(
      'Tip',
      'To see addons list for other profiles use: `minikube addons -p name list`',
    );
}

/** Applies an addon's manifests on the node, or deletes what they name. */
export function* applyAddon(
  call: Call,
  profile: Profile,
  { file, yaml }: AddonObjects,
  enable: boolean,
): Routine<string | undefined> {
  const path = `${FOLDER}/${file}`;
  const write = `mkdir -p ${FOLDER} && cat > ${path}`;
  const copied = yield* onPrimary(call, profile, write, yaml());
  if (copied.status !== 0) return copied.err.trim();
  const action = enable ? 'apply' : 'delete --ignore-not-found';
  const line = `KUBECONFIG=/etc/kubernetes/admin.conf kubectl ${action} -f ${path}`;
  const ran = yield* onPrimary(call, profile, line);
  if (!enable) yield* onPrimary(call, profile, `rm -f ${path}`);
  return ran.status === 0 ? undefined : ran.err.trim();
}

/** Waits until every pod of a selector that is to stay runs, as kapi.WaitForPods does; false where time is up. */
function* podsRun(
  call: Call,
  profile: Profile,
  wanted: NonNullable<AddonObjects['waitsFor']>,
): Routine<boolean> {
  const { process } = call.main;
  const client = yield* clientOf(call, profile);
  const until = process.now + WAIT;
  for (;;) {
    const pods = yield* client.list(resources.pods, wanted.namespace, {
      labelSelector: wanted.selector,
    });
    const items = pods instanceof Refusal ? [] : pods.items;
    const fine = items.every(({ status }) =>
      status?.phase === 'Succeeded'
        ? true
        : status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    );
    if (items.length > 0 && fine) return true;
    if (process.now > until) return false;
    yield* process.sleep(SECOND / 2);
  }
}

/** Enables an addon of a cluster; what went wrong where it did. */
export function* enableAddon(call: Call, addon: Addon): Routine<string | undefined> {
  const profile = yield* partial(call);
  if (!addon.objects) return `${addon.name} has no objects`;
  for (const image of [...new Set(imagesOf(addon.objects))])
    yield* call.out.step('Option', `Using image ${image}`);
  const [first] = yield* statusOf(call, profile);
  if (first?.Host === 'Running') {
    const failed = yield* applyAddon(call, profile, addon.objects, true);
    if (failed !== undefined) return `run callbacks: running callbacks: [${failed}]`;
    const { waitsFor } = addon.objects;
    if (waitsFor) {
      yield* call.out.step('HealthCheck', `Verifying ${addon.name} addon...`);
      if (!(yield* podsRun(call, profile, waitsFor)))
        return `run callbacks: running callbacks: [waiting for ${waitsFor.selector} pods: context deadline exceeded]`;
    }
  }
  saveProfile(call.main.process, {
    ...profile,
    Addons: { ...profile.Addons, [addon.name]: true },
  });
  return undefined;
}

const PAUSED = 'Addons cannot be enabled on a paused cluster';

function* refusePaused(call: Call, profile: Profile): Routine<void> {
  const [first] = yield* statusOf(call, profile);
  if (first?.APIServer === 'Paused')
    yield* exitWith(call.out, 'MK_ADDON_ENABLE_PAUSED', `enabled failed: ${PAUSED}`, true);
}

function* enable(call: Call): Routine<number> {
  const { args, out, main } = call;
  const [name = ''] = args;
  if (args.length !== 1)
    yield* exitWith(out, 'MK_USAGE', 'usage: minikube addons enable ADDON_NAME');
  yield* refusePaused(call, yield* partial(call));
  const called = name === 'heapster' ? 'metrics-server' : name;
  if (called !== name)
    yield* out.step('Empty', 'using metrics-server addon, heapster is deprecated');
  const addon = findAddon(called);
  if (!addon)
    return yield* exitWith(
      out,
      'MK_ADDON_ENABLE',
      `enable failed: run callbacks: ${called} is not a valid addon`,
      true,
    );
  if (!addon.objects) return yield* notSimulated(main, `minikube addons enable ${called}`);
  if (OFFICIAL.includes(addon.maintainer))
    yield* out.step(
      'Tip',
      `${called} is an addon maintained by ${addon.maintainer}. For any concerns contact minikube on GitHub.\nYou can view the list of minikube maintainers at: https://github.com/kubernetes/minikube/blob/master/OWNERS`,
    );
  const failed = yield* enableAddon(call, addon);
  if (failed !== undefined)
    yield* exitWith(out, 'MK_ADDON_ENABLE', `enable failed: ${failed}`, true);
  if (called === 'dashboard')
    yield* out.step(
      'Tip',
      'Some dashboard features require the metrics-server addon. To enable all features please run:\n\n\tminikube addons enable metrics-server\n',
    );
  yield* out.step('AddonEnable', `The '${called}' addon is enabled`);
  return 0;
}

function* disable(call: Call): Routine<number> {
  const { args, out } = call;
  const [name = ''] = args;
  if (args.length !== 1)
    yield* exitWith(out, 'MK_USAGE', 'usage: minikube addons disable ADDON_NAME');
  const profile = yield* partial(call);
  yield* refusePaused(call, profile);
  const addon = findAddon(name);
  if (!addon)
    return yield* exitWith(
      out,
      'SVC_ADDON_UNSUPPORTED',
      `"'${name}' is not a valid minikube addon`,
    );
  if (profile.Addons[name] && addon.objects) {
    const failed = yield* applyAddon(call, profile, addon.objects, false);
    if (failed !== undefined)
      yield* exitWith(out, 'MK_ADDON_DISABLE', `disable failed: ${failed}`, true);
    const Addons = { ...profile.Addons, [name]: false };
    saveProfile(call.main.process, { ...profile, Addons });
  }
  yield* out.step('AddonDisable', `"The '${name}' addon is disabled`);
  return 0;
}

const DASHBOARD = 'kubernetes-dashboard';

/** Reads the first line of `kubectl proxy` and says where it listens. */
function* proxyAddress(
  call: Call,
  port: string,
): Routine<{ pid: number; address: string } | undefined> {
  const { process } = call.main;
  const pipe = process.pipe(true);
  if (isErrno(pipe)) return undefined;
  const pid = spawn(process, ['kubectl', '--context', call.name, 'proxy', '--port', port], {
    prepare: (child) => void child.dup2(pipe[1], 1),
  });
  process.close(pipe[1]);
  if (isErrno(pid)) return undefined;
  let text = '';
  while (!text.includes('\n')) {
    const bytes = yield* process.read(pipe[0], 4096);
    if (isErrno(bytes) || bytes.length === 0) return undefined;
    text += String.fromCharCode(...bytes);
  }
  const address = /127\.0\.0\.1:\d+/.exec(text)?.[0];
  return address === undefined ? undefined : { pid, address };
}

function* dashboard(call: Call): Routine<number> {
  const { out, values, main } = call;
  const profile = yield* healthy(call);
  const addon = findAddon('dashboard');
  if (addon && !profile.Addons.dashboard) {
    yield* out.error('Enabling', 'Enabling dashboard ...');
    const failed = yield* enableAddon(call, addon);
    if (failed !== undefined)
      yield* exitWith(out, 'MK_ADDON_ENABLE', `Unable to enable dashboard: ${failed}`, true);
  }
  yield* out.error('Verifying', 'Verifying dashboard health ...');
  const client = yield* clientOf(call, profile);
  if (!(yield* serviceExists(client, DASHBOARD, DASHBOARD)))
    yield* exitWith(out, 'SVC_CHECK_TIMEOUT', 'dashboard service is not running: ');
  yield* podsRun(call, profile, { namespace: DASHBOARD, selector: `k8s-app=${DASHBOARD}` });
  yield* out.error('Launch', 'Launching proxy ...');
  const proxy = yield* proxyAddress(call, values.text('port'));
  if (!proxy) throw new Exit(30);
  yield* out.error('Verifying', 'Verifying proxy health ...');
  const url = `http://${proxy.address}/api/v1/namespaces/${DASHBOARD}/services/http:${DASHBOARD}:/proxy/`;
  if (values.is('url') || main.process.uid === 0) yield* out.plain(`${url}\n`);
  else {
    yield* out.step('Celebrate', `Opening ${url} in your default browser...`);
    if (!findProgram(main.process, 'xdg-open'))
      yield* exitWith(out, 'HOST_BROWSER', `failed to open browser: ${NO_BROWSER}`);
  }
  yield* waitFor(main.process, proxy.pid);
  return 0;
}

/** What Go says where there is no browser to open. */
export const NO_BROWSER =
  'exec: "xdg-open,x-www-browser,www-browser": executable file not found in $PATH';

export const ADDON_COMMANDS: readonly Command[] = [
  {
    path: 'addons list',
    flags: [flag('output', 'string', 'list', 'o'), flag('docs', 'bool', 'false', 'd')],
    idle: ['docs'],
    run: list,
  },
  {
    path: 'addons enable',
    flags: [
      flag('images', 'string', ''),
      flag('registries', 'string', ''),
      flag('force', 'bool', 'false'),
      flag('refresh', 'bool', 'false'),
    ],
    idle: ['images', 'registries', 'refresh'],
    run: enable,
  },
  { path: 'addons disable', flags: [], run: disable },
  {
    path: 'dashboard',
    flags: [flag('url', 'bool', 'false'), flag('port', 'int', '0')],
    run: dashboard,
  },
];
