// kubectl's command tree.

import type { Command } from './command.ts';
import { apiResources, apiVersions, options, version } from './commands/api-resources.ts';
import { apply } from './commands/apply.ts';
import { attach } from './commands/attach.ts';
import { autoscale } from './commands/autoscale.ts';
import { auth } from './commands/auth.ts';
import { certificate } from './commands/certificate.ts';
import { clusterInfo } from './commands/cluster-info.ts';
import { config } from './commands/config.ts';
import { cp } from './commands/cp.ts';
import { create } from './commands/create.ts';
import { debug } from './commands/debug.ts';
import { remove } from './commands/delete.ts';
import { describe } from './commands/describe.ts';
import { diff } from './commands/diff.ts';
import { cordon, drain, uncordon } from './commands/drain.ts';
import { edit } from './commands/edit.ts';
import { events } from './commands/events.ts';
import { exec } from './commands/exec.ts';
import { explain } from './commands/explain.ts';
import { get } from './commands/get.ts';
import { kustomize } from './commands/kustomize.ts';
import { annotate, label } from './commands/label.ts';
import { logs } from './commands/logs.ts';
import { patch, replace, scale } from './commands/patch.ts';
import { plugin } from './commands/plugin.ts';
import { portForward } from './commands/port-forward.ts';
import { proxy } from './commands/proxy.ts';
import { rollout } from './commands/rollout.ts';
import { expose, run } from './commands/run.ts';
import { set } from './commands/set.ts';
import { taint } from './commands/taint.ts';
import { top } from './commands/top.ts';
import { wait } from './commands/wait.ts';

export const ROOT: Command = {
  name: 'kubectl',
  commands: [
    create,
    expose,
    run,
    get,
    remove,
    scale,
    autoscale,
    clusterInfo,
    apply,
    patch,
    replace,
    label,
    annotate,
    apiResources,
    apiVersions,
    options,
    version,
    describe,
    explain,
    wait,
    rollout,
    set,
    config,
    logs,
    attach,
    exec,
    debug,
    cp,
    plugin,
    portForward,
    proxy,
    auth,
    cordon,
    drain,
    certificate,
    diff,
    kustomize,
    events,
    top,
    edit,
    uncordon,
    taint,
  ],
};
