// A real kubectl (KUBECTL, else the one on PATH) against a lab's API on 127.0.0.1: it works, leaves the same objects
// as the page's kubectl, and, where it is of the modelled version, prints the same.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { normalise } from '../../src/cli/normalise.ts';
import { type Lab, openLab } from '../../src/sim/labs/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const KUBECTL = process.env.KUBECTL ?? 'kubectl';
const MODELLED = 'v1.36.';

const POD = `apiVersion: v1
kind: Pod
metadata: {name: talk, labels: {app: talk}}
spec:
  containers:
  - {name: c, image: "busybox:1.36", command: [sh, -c, "echo hello; sleep 3600"]}
`;

const BINDING = `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: r}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}]
`;

const stdin = (command: string, text: string): string => `${command} <<'Y'\n${text}Y`;

/** What is run, in order; kubectl alone is left to the client. */
const COMMANDS: readonly string[] = [
  'get nodes',
  'get pods -A --no-headers | wc -l',
  'api-resources --namespaced=false -o name | sort',
  'api-versions',
  'explain deployment.spec.strategy',
  'explain pod.spec.containers.livenessProbe --recursive',
  'create namespace team',
  'create deployment web --image=nginx:1.27 --replicas=2',
  'rollout status deployment web | tail -1',
  'get deployment web',
  'get deployment web -o yaml | grep -v -e Time: -e resourceVersion -e uid',
  'get rs -l app=web -o wide',
  'get pods -l app=web',
  'expose deployment web --port=80 --target-port=80',
  'get svc web -o wide',
  'scale deployment web --replicas=3',
  'rollout status deployment web | tail -1',
  'set image deployment web nginx=nginx:1.28',
  'rollout status deployment web >/dev/null',
  'rollout history deployment web',
  'describe deployment web | grep -v -e ScalingReplicaSet -e CreationTimestamp -e From',
  stdin('apply -f -', POD),
  'wait --for=condition=Ready pod/talk --timeout=30s',
  'logs talk',
  'get pod talk -o jsonpath="{.status.phase} {.status.qosClass}"',
  'describe pod talk | sed -n "/^Name:/p;/^Status:/p;/^QoS/p;/Image:/p;/Ready:/p"',
  stdin('apply -f -', POD.replace('3600', '60')),
  stdin('create -f -', POD.replace('image:', 'imagine:')),
  'label pod talk colour=red',
  'get pods -L colour -l colour',
  'annotate pod talk note=one',
  'patch deployment web -p \'{"spec":{"minReadySeconds":1}}\'',
  'create configmap c --from-literal=a=b',
  'create secret generic s --from-literal=a=b',
  'get configmap c secret/s',
  'get configmap/c secret/s -o name',
  'create role r --verb=get --resource=pods',
  stdin('apply -f -', BINDING),
  'auth can-i get pods --as=jane',
  'auth can-i delete pods --as=jane',
  'create job j --image=busybox:1.36 -- echo done',
  'wait --for=condition=Complete job/j --timeout=30s',
  'logs job/j',
  'create quota q --hard=configmaps=5 -n team',
  'create deployment web --image=nginx:1.27',
  'get pod nosuch',
  stdin('apply -f -', BINDING.replace('jane', 'jim').replace('Role, name: r}', 'Role, name: q}')),
  'delete pod talk --now',
  'delete deployment web',
  'delete namespace team',
];

const version = spawnSync(KUBECTL, ['version', '--client'], { encoding: 'utf8' });
const installed = version.status === 0;
const same = installed && version.stdout.includes(MODELLED);
if (!installed) console.log(`real clients: skipped, ${KUBECTL} is not there (set KUBECTL)`);
else if (!same) {
  const line = version.stdout.split('\n')[0] ?? '';
  console.log(`real clients: ${line} is not ${MODELLED}x: what it prints is not compared`);
}

/** The answers of a client, one block for each command. */
type Answers = string;

function block(command: string, output: string): string {
  return `$ kubectl ${command}\n${output}${output.endsWith('\n') || output === '' ? '' : '\n'}`;
}

function realAnswers(kubeconfig: string): Answers {
  const run = (command: string): string => {
    const script = `${KUBECTL} ${command}`;
    const options = {
      encoding: 'utf8',
      env: { ...process.env, KUBECONFIG: kubeconfig },
      timeout: 40_000,
    } as const;
    return spawnSync('bash', ['-c', `exec 2>&1 </dev/null\n${script}`], options).stdout;
  };
  return COMMANDS.map((command) => block(command, run(command))).join('');
}

function pageAnswers(lab: Lab): Answers {
  const run = (command: string): string => {
    lab.session.start(`kubectl ${command}`);
    lab.simulation.advance({ budget: 200_000_000, done: () => !lab.session.running });
    return lab.session.takeOutput();
  };
  return COMMANDS.map((command) => block(command, run(command))).join('');
}

/** Names and images of all objects that the commands left, as either side's kubectl lists them. */
const LEFT =
  'get configmap,secret,role,rolebinding,job,svc -o jsonpath=\'{range .items[*]}{.kind}/{.metadata.name}{"\\n"}{end}\'';

describe.skipIf(!installed)('a real kubectl', () => {
  let server: ChildProcess;
  let kubeconfig = '';
  let lab: Lab;

  beforeAll(async () => {
    lab = openLab('minikube', 'serve');
    server = spawn(process.execPath, [join(ROOT, 'src/cli/serve.ts'), 'minikube'], { cwd: ROOT });
    kubeconfig = await new Promise((resolve, reject) => {
      server.stdout?.on('data', (text) => resolve(String(text).trim().replace('KUBECONFIG=', '')));
      server.stderr?.on('data', (text) => reject(new Error(String(text))));
    });
  }, 60_000);
  afterAll(() => {
    server.kill();
  });

  test('does what the page’s kubectl does', () => {
    const real = realAnswers(kubeconfig);
    const page = pageAnswers(lab);
    if (same) expect(normalise(page)).toEqual(normalise(real));
    const left = spawnSync('bash', ['-c', `${KUBECTL} ${LEFT}`], {
      encoding: 'utf8',
      env: { ...process.env, KUBECONFIG: kubeconfig },
    });
    lab.session.start(`kubectl ${LEFT}`);
    lab.simulation.advance({ budget: 200_000_000, done: () => !lab.session.running });
    expect(lab.session.takeOutput()).toBe(left.stdout);
  });
});
