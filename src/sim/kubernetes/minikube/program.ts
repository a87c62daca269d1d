// minikube: what works on a cluster that is started already: ip, ssh, service --url, kubectl, profile, version. The
// cluster's node is reached over the switch, by its SSH-like door (see labs).

import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import type { ProgramFamily } from '../../userland/programs/index.ts';
import { resources } from '../api/client-resources.ts';
import { Refusal } from '../api/client.ts';
import { networkClient } from '../component/connect.ts';
import { loadKubeconfig } from '../component/kubeconfig.ts';
import { runRemote } from '../remote/ssh.ts';

const NODE = 'minikube';
const ADDRESS = '192.168.49.2';

/** The words of a command line after `ssh`, without the options of minikube itself. */
function commandWords(args: readonly string[]): readonly string[] {
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word === '--') return [...words, ...args.slice(i + 1)];
    if (words.length === 0 && ['-n', '--node', '-p', '--profile'].includes(word)) i++;
    else if (words.length > 0 || !word.startsWith('-')) words.push(word);
  }
  return words;
}

function* ssh(main: Main): Routine<number> {
  const words = commandWords(main.args.slice(1));
  if (words.length === 0) return yield* notSimulated(main, 'minikube ssh without a command');
  const status = yield* runRemote(main, ADDRESS, words.join(' '));
  if (status !== 0) {
    main.err.put(`ssh: Process exited with status ${status}\n`);
    yield* main.err.flush();
  }
  return status;
}

function* serviceUrl(main: Main): Routine<number> {
  const words = main.args.slice(1).filter((word) => !word.startsWith('-'));
  const at = main.args.findIndex((word) => word === '-n' || word === '--namespace');
  const namespace = at < 0 ? 'default' : (main.args[at + 1] ?? 'default');
  const name = words.find((word) => word !== namespace) ?? '';
  const config = yield* loadKubeconfig(main.process, '/root/.kube/config');
  if (typeof config === 'string') return 1;
  const service = yield* networkClient(main.process, config, 'minikube').get(
    resources.services,
    namespace,
    name,
  );
  if (service instanceof Refusal) {
    main.err.put(
      `\n❌  Exiting due to SVC_NOT_FOUND: Service '${name}' was not found in '${namespace}' namespace.\n`,
    );
    yield* main.err.flush();
    return 115;
  }
  for (const { nodePort } of service.spec.ports ?? [])
    if (nodePort) main.out.put(`http://${ADDRESS}:${nodePort}\n`);
  return 0;
}

function* kubectl(process: Process, args: readonly string[]): Routine<number> {
  const pid = process.fork(function* (child) {
    child.exec('/usr/bin/kubectl', ['kubectl', ...args], process.environment);
    return 127;
  });
  if (isErrno(pid)) return 1;
  const ended = yield* process.wait(pid);
  return isErrno(ended) || !ended ? 1 : ended.status >> 8;
}

export const minikube = program('minikube', function* (main) {
  const [word = ''] = main.args;
  switch (word) {
    case 'ip':
      main.out.put(`${ADDRESS}\n`);
      return 0;
    case 'ssh':
      return yield* ssh(main);
    case 'version':
      main.out.put('minikube version: v1.37.0\ncommit: 65318f4cfff9c12cc87ec9eb8f4cdd57b25047f3\n');
      return 0;
    case 'profile':
      if (main.args.length > 1) return yield* notSimulated(main, `minikube ${main.args.join(' ')}`);
      main.out.put(`${NODE}\n`);
      return 0;
    case 'service':
      if (main.args.includes('--url')) return yield* serviceUrl(main);
      return yield* notSimulated(main, 'minikube service without --url');
    case 'kubectl':
      return yield* kubectl(main.process, main.args.slice(main.args[1] === '--' ? 2 : 1));
    default:
      return yield* notSimulated(main, `minikube ${main.args.join(' ')}`);
  }
});

/** The programs of the workstation. */
export const minikubePrograms: ProgramFamily = { name: 'minikube', programs: [minikube] };
