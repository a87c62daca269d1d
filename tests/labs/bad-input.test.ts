// Bad input: broken manifests, Dockerfiles, compose files, scripts, request bodies and references are refused in the tool's own
// words and with its status; nothing is half made, and the lab lives on.

import { describe, expect, test } from 'vitest';
import { MINUTE } from '../../src/sim/core/time.ts';
import { type Lab, openLab } from '../../src/sim/labs/index.ts';

/** What is typed, the status, and what is said of it. */
type Bad = readonly [typed: string, status: number, says: string];

interface World {
  /** What must print the same before and after all that follows: what the lab holds. */
  readonly holds: string;
  readonly bad: readonly Bad[];
}

function piped(text: string, into: string): string {
  return `printf '%b' '${text.replaceAll('\n', '\\n').replaceAll("'", "'\\''")}' | ${into}`;
}

const POD = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n';
const apply = (text: string): string => piped(text, 'kubectl apply -f -');
const build = (text: string): string => piped(text, 'docker build -q -t half -');
const compose = (text: string): string => piped(text, 'docker compose -p half -f - up -d');
const engine = (path: string, body: string): string =>
  `curl -sf -o /dev/null --unix-socket /var/run/docker.sock -H 'Content-Type: application/json' -d '${body}' localhost${path} || curl -s --unix-socket /var/run/docker.sock -H 'Content-Type: application/json' -d '${body}' localhost${path}; (exit 22)`;

const KUBERNETES: readonly Bad[] = [
  [
    apply('kind: Pod\nmetadata:\n  name: a: b\n'),
    1,
    'error converting YAML to JSON: yaml: line 3: mapping values',
  ],
  [apply('kind: Pod\n\tname: a\n'), 1, 'found a tab character that violates indentation'],
  [apply('{"kind":'), 1, 'error: error parsing STDIN: error converting YAML to JSON'],
  [apply(''), 1, 'error: no objects passed to apply'],
  [apply('just words\n'), 1, 'invalid object to validate'],
  [apply('metadata:\n  name: a\n'), 1, '[apiVersion not set, kind not set]'],
  [
    apply('apiVersion: v1\nkind: Pud\nmetadata:\n  name: a\n'),
    1,
    'no matches for kind "Pud" in version "v1"',
  ],
  [apply(POD.replace('name: a', 'name: UPPER')), 1, 'The Pod "UPPER" is invalid'],
  [
    apply(`${POD}spec:\n  contaners: []\n`),
    1,
    'strict decoding error: unknown field "spec.contaners"',
  ],
  [
    apply(`${POD}spec:\n  containers: many\n`),
    1,
    'cannot unmarshal string into Go struct field PodSpec.spec.containers',
  ],
  [
    apply(
      `${POD}spec:\n  containers:\n  - name: c\n    image: x\n    ports:\n    - containerPort: 99999\n`,
    ),
    1,
    'must be between 1 and 65535, inclusive',
  ],
  ['kubectl apply -f nosuch.yaml', 1, 'error: the path "nosuch.yaml" does not exist'],
  ['head -c 300 /bin/ls | kubectl apply -f -', 1, 'error: error parsing STDIN'],
  [`kubectl patch service kubernetes -p '{"spec":'`, 1, 'unexpected end of JSON input'],
  [`kubectl create deployment 'a b' --image=nginx`, 1, 'Invalid value: "a b"'],
  ['kubectl run p --image=A:B:C', 1, 'invalid reference format'],
  [`kubectl get pods -o jsonpath='{.items['`, 1, 'unterminated array'],
  [`kubectl get pods -o go-template='{{.items'`, 1, 'unclosed action'],
  [`kubectl get pods -l 'a=(b'`, 1, 'unable to parse requirement'],
  ['kubectl get pods --field-selector a', 1, "can't understand 'a'"],
  ['kubectl get nosuchkind', 1, `the server doesn't have a resource type "nosuchkind"`],
  [
    `kubectl create --raw /api/v1/namespaces/default/configmaps -f - <<< '{"kind":"ConfigMap",'`,
    1,
    'json parse error',
  ],
  [
    `kubectl create --raw /api/v1/namespaces/default/configmaps -f - <<< '[]'`,
    1,
    'cannot unmarshal array',
  ],
];

const DOCKER: readonly Bad[] = [
  ['docker run UPPER', 125, 'repository name (library/UPPER) must be lowercase'],
  ['docker run -p 99999:80 busybox', 125, 'invalid hostPort: 99999'],
  ['docker run -m lots busybox', 125, `invalid size: 'lots'`],
  [`docker run --name 'a b' busybox`, 125, 'Invalid container name (a b)'],
  ['docker run -v relative:/x:zz busybox', 125, 'invalid mode: zz'],
  ['docker run busybox:no:tag', 125, 'invalid reference format'],
  ['docker run busybox@sha256:12', 125, 'invalid reference format'],
  ['docker run --nonsense busybox', 125, 'unknown flag: --nonsense'],
  ['docker network create --subnet 10.0.0.0/99 half', 1, 'prefix length out of range'],
  ['docker volume create a/b', 1, 'includes invalid characters for a local volume name'],
  ['echo garbage | docker load', 1, ''],
  [`docker inspect -f '{{.Nothing.X' busybox`, 64, 'template parsing error'],
  ['docker ps --filter nonsense', 125, 'bad format of filter (expected name=value)'],
  ['docker tag busybox A:b', 1, 'must be lowercase'],
  [build('FROM busybox\nRUNN echo\n'), 1, 'unknown instruction: RUNN (did you mean RUN?)'],
  [build('RUN echo\n'), 1, 'no build stage in current context'],
  [build('FROM busybox\nRUN false\n'), 1, 'did not complete successfully: exit code: 1'],
  [build('FROM busybox\nCOPY\n'), 1, 'COPY requires at least two arguments'],
  [build('FROM busybox AS 1x\n'), 1, 'invalid name for build stage: "1x"'],
  [build('FROM ${\n'), 1, "missing '}'"],
  [
    build('FROM nosuch/image:none\n'),
    1,
    'failed to resolve source metadata for docker.io/nosuch/image:none',
  ],
  [build('FROM busybox\nRUN <<E\necho\n'), 1, 'unterminated heredoc'],
  [
    compose('services:\n  web:\n    imagee: nginx\n'),
    1,
    `additional properties 'imagee' not allowed`,
  ],
  [compose('services:\n  web:\n image: nginx\n'), 1, 'yaml: line 2: did not find expected key'],
  [compose('services:\n  web:\n    image: nginx\n    ports: [x]\n'), 1, 'invalid containerPort: x'],
  [
    compose('services:\n  web:\n    image: nginx\n    depends_on: [db]\n'),
    1,
    'depends on undefined service "db"',
  ],
  [
    compose('services:\n  web:\n    image: nginx\n    networks: [x]\n'),
    1,
    'refers to undefined network x',
  ],
  [
    compose('services:\n  web:\n    image: "${A:?need}"\n'),
    1,
    'required variable A is missing a value: need',
  ],
  [compose('services: []\n'), 1, 'services must be a mapping'],
  [compose(''), 1, 'empty compose file'],
  [engine('/containers/create', '{"Image":'), 22, 'invalid JSON: unexpected EOF'],
  [
    engine('/containers/create', '[]'),
    22,
    'cannot unmarshal array into Go value of type container.CreateRequest',
  ],
  [engine('/containers/create', '{}'), 22, 'config cannot be empty in order to create a container'],
  [
    engine('/containers/create', '{"Image":"busybox","HostConfig":{"Memory":"x"}}'),
    22,
    'cannot unmarshal string into Go struct field HostConfig.HostConfig.Resources.Memory of type int64',
  ],
  [
    engine('/networks/create', 'nonsense'),
    22,
    "invalid JSON: invalid character 'o' in literal null (expecting 'u')",
  ],
  [
    engine('/volumes/create', '{"Name":5}'),
    22,
    'cannot unmarshal number into Go struct field CreateRequest.Name of type string',
  ],
  [engine('/nothing', '{}'), 22, 'page not found'],
];

const RUNTIME: readonly Bad[] = [
  [`echo '{' > config.json; runc run half`, 1, 'unexpected EOF'],
  [`echo '{}' > config.json; runc run half`, 1, 'process property must not be empty'],
  ['rm -f config.json; runc run half', 1, 'JSON specification file config.json not found'],
  ['ctr run nonsense half', 1, 'image "nonsense": not found'],
  [`ctr image pull 'A b'`, 1, 'must be lowercase'],
  ['crictl runp nosuch.json', 1, 'open nosuch.json: no such file or directory'],
  [`echo '{"a":' | jq .`, 2, 'parse error: Unfinished JSON term'],
  [`echo '{"a":1}' | jq '.a['`, 3, 'jq: 1 compile error'],
  [`echo '{"a":1}' | jq '.a|fly'`, 3, 'fly/0 is not defined'],
  [`echo '{"a":1}' | jq '.a.b'`, 5, 'Cannot index number with'],
];

const ETCD: readonly Bad[] = [
  ['etcdctl put', 128, 'put command needs 1 argument and input from stdin or 2 arguments'],
  [
    'etcdctl get',
    128,
    'get command needs one argument as key and an optional argument as range_end',
  ],
  ['etcdctl lease grant soon', 128, 'bad TTL'],
  ['etcdctl lease revoke xyz', 128, 'bad lease ID'],
  [`etcdctl txn <<< 'nonsense'`, 3, 'malformed comparison'],
  ['etcdctl compact never', 1, 'invalid syntax'],
  ['etcdctl --endpoints=nowhere:1 --command-timeout=1s get a', 1, 'context deadline exceeded'],
  ['etcdctl nonsense', 1, 'unknown command "nonsense" for "etcdctl"'],
];

const LINUX: readonly Bad[] = [
  [`bash -c 'if true; then'`, 2, 'syntax error: unexpected end of file'],
  [`bash -c 'echo "abc'`, 2, 'unexpected EOF while looking for matching `"\''],
  [`bash -c '; ;'`, 2, "syntax error near unexpected token `;'"],
  [`bash -c 'echo $((1/0))'`, 1, 'division by 0'],
  [`bash -c '\${x!}'`, 1, 'bad substitution'],
  ['bash nosuch.sh', 127, 'nosuch.sh: No such file or directory'],
  [
    'printf "\\x7fELF junk" > half; chmod +x half; ./half; s=$?; rm half; (exit $s)',
    126,
    'cannot execute binary file',
  ],
  [`sed 's/a/b' /etc/passwd`, 1, "unterminated `s' command"],
  [`sed k /etc/passwd`, 1, "unknown command: `k'"],
  [`awk '{' /etc/passwd`, 2, 'missing } near end of file'],
  [`grep -E '(' /etc/passwd`, 2, 'Unmatched ( or \\('],
  ['find / -nonsense', 1, "unknown predicate `-nonsense'"],
  ['ip addr add nonsense dev lo', 1, 'any valid prefix is expected rather than "nonsense"'],
  ['iptables -A NOWHERE -j ACCEPT', 1, 'No chain/target/match by that name'],
  ['unshare --nonsense', 1, "unrecognized option '--nonsense'"],
  ['tar xf /etc/passwd', 2, 'This does not look like a tar archive'],
  ['kill -99 1', 1, 'invalid signal specification'],
  [
    'ip netns exec half true',
    255,
    'Cannot open network namespace "half": No such file or directory',
  ],
  ['mount -t tmpfs half /nowhere', 32, 'mount point does not exist'],
];

const WORLDS: Readonly<Record<string, World>> = {
  minikube: {
    holds: 'kubectl get pods,deployments,configmaps,services,secrets -A --no-headers -o name',
    bad: KUBERNETES,
  },
  docker: {
    holds: 'docker ps -aq; docker images -q; docker network ls -q; docker volume ls -q; ls',
    bad: DOCKER,
  },
  runtime: {
    holds: 'runc list -q; ctr containers ls; ctr images ls -q; crictl pods; ls',
    bad: RUNTIME,
  },
  etcd: { holds: 'etcdctl get "" --prefix; etcdctl lease list', bad: ETCD },
  linux: {
    holds: 'ls; ps -e -o comm; ip -brief addr; iptables-save | grep -v "^#"; mount',
    bad: LINUX,
  },
};

/** Runs a command to its end; what it printed. */
function run({ session, simulation }: Lab, command: string): string {
  session.start(command);
  const until = simulation.now + 4 * MINUTE;
  expect(simulation.advance({ until, budget: 20_000_000, done: () => !session.running })).toBe(
    'done',
  );
  return session.takeOutput();
}

describe.each(Object.entries(WORLDS))('%s refuses', (name, { holds, bad }) => {
  const lab = openLab(name, 'bad input');
  if (name === 'docker') run(lab, 'docker pull -q busybox; docker pull -q nginx');
  const before = run(lab, holds);

  test.each(bad)('%s', (typed, status, says) => {
    const printed = run(lab, typed);
    expect(printed).toContain(says);
    expect(printed).not.toContain('drydock:');
    expect(lab.session.status).toBe(status);
  });

  test('and nothing is half made', () => {
    expect(run(lab, holds)).toBe(before);
  });
});
