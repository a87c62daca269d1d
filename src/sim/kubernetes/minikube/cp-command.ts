// minikube cp: a file from here to a node, from a node to here, from one node to another.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import { readText } from '../component/kubeconfig.ts';
import { primaryOf, running } from './cluster.ts';
import type { Call, Command } from './command.ts';
import { machineName, type Profile, type ProfileNode } from './profile.ts';
import { exitWith } from './reasons.ts';
import { runOver } from './status-commands.ts';

/** A path with the node that it is on; '' for here, or for the first node. */
interface Place {
  readonly node: string;
  readonly path: string;
}

function placeOf(text: string): Place {
  const [, node = '', path = text] = /^([^/:]+):(\/.*)$/s.exec(text) ?? [];
  return { node, path };
}

function* nodeNamed(call: Call, profile: Profile, name: string): Routine<ProfileNode> {
  if (name === '') return primaryOf(profile);
  const found = profile.Nodes.find(
    (one) => machineName(profile, one) === name || (one.Name !== '' && one.Name === name),
  );
  if (found) return found;
  return yield* exitWith(call.out, 'GUEST_NODE_RETRIEVE', `Node ${name} does not exist.`);
}

/** The shell's words for each direction. `$1` and `$2` are addresses, `$3` and `$4` paths. */
const COPY = {
  toNode: 'ssh "$2" "mkdir -p \\$(dirname \'$4\') && cat > \'$4\'" < "$3"',
  fromNode: 'ssh "$1" "cat \'$3\'" > "$4"',
  between: 'ssh "$1" "cat \'$3\'" | ssh "$2" "mkdir -p \\$(dirname \'$4\') && cat > \'$4\'"',
} as const;

function* cp(call: Call): Routine<number> {
  const { args, out, main } = call;
  if (args.length !== 2)
    yield* exitWith(
      out,
      'MK_USAGE',
      'Please specify the path to copy: \n\tminikube cp <source file path> <target file absolute path> (example: "minikube cp a/b.txt /copied.txt")',
    );
  const from = placeOf(args[0] ?? '');
  const given = args[1] ?? '';
  const name = from.path.slice(from.path.lastIndexOf('/') + 1);
  const to = placeOf(given.endsWith('/') ? `${given}${name}` : given);
  if (from.node === '' && to.node === '' && !to.path.startsWith('/'))
    yield* exitWith(
      out,
      'MK_USAGE',
      'Target <remote file path> must be an absolute Path. Relative Path is not allowed (example: "minikube:/home/docker/copied.txt")',
    );
  const profile = yield* running(call);
  const source = yield* nodeNamed(call, profile, from.node);
  const target = yield* nodeNamed(call, profile, to.node);
  if (from.node === '' && isErrno(yield* readText(main.process, from.path)))
    yield* exitWith(out, 'HOST_PATH_MISSING', `Cannot find directory &{ ${from.path}} for copy`);
  const outward = to.node === '' ? COPY.fromNode : COPY.between;
  const script = from.node === '' ? COPY.toNode : outward;
  return yield* runOver(call, ['sh', '-c', script, 'cp', source.IP, target.IP, from.path, to.path]);
}

export const CP_COMMANDS: readonly Command[] = [{ path: 'cp', flags: [], run: cp }];
