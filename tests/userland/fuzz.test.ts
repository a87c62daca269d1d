// Damaged input of every language that a lab reads: whatever is typed, a tool answers in its own way or is stopped at
// a bound, nothing is thrown out of the lab, and the lab answers afterwards. DRYDOCK_FUZZ_SEED and DRYDOCK_FUZZ_RUNS
// choose other inputs and more of them.

import { describe, expect, test } from 'vitest';
import { type Random, randomStream } from '../../src/sim/core/random.ts';
import { SECOND } from '../../src/sim/core/time.ts';
import { type Lab, openLab } from '../../src/sim/labs/index.ts';

const SEED = process.env.DRYDOCK_FUZZ_SEED ?? 'damaged';
const RUNS = Number(process.env.DRYDOCK_FUZZ_RUNS ?? 60);

/** Pieces that mean something to one grammar or another. */
const PIECES = [
  ...'\'"`$(){}[]<>|&;:,.*?+-/\\=!#@^~%\n\t 0a'.split(''),
  ...[
    '$(',
    '${',
    '$((',
    '))',
    '<<E\n',
    '&&',
    ';;',
    'esac',
    'done',
    'fi',
    '{a,b}',
    '*(',
    '[[',
    ']]',
  ],
  ...[
    '\\1',
    '[[:alpha:]',
    '{3,',
    '-1',
    '1e999',
    '\u00e9',
    '\u{1f6a2}',
    '- ',
    ': |\n',
    '&x',
    '*x',
    '!!',
  ],
  ...['FROM ', 'RUN ', 'ARG ', 'COPY --from=', '--mount=', '\\\n', '0x', '9999999999999999999'],
];

interface Language {
  readonly lab: string;
  /** Well-formed texts to damage. */
  readonly texts: readonly string[];
  readonly command: (text: string) => string;
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: c
        image: nginx
        ports: [{containerPort: 80}]
        resources: {limits: {cpu: 500m, memory: 64Mi}}
        env: [{name: A, value: "1"}, {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
`;
const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  type: NodePort
  selector: {app: web}
  ports:
  - {port: 80, targetPort: http, nodePort: 30080, protocol: TCP}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: &d
  a: |
    text
  b: "1"
`;
const DOCKERFILE = `# syntax=docker/dockerfile:1
ARG V=1.36
FROM busybox:\${V} AS one
ENV A=b C="d e"
RUN --mount=type=cache,target=/c echo hi > /x && cat <<E > /y
text
E
FROM one
COPY --from=one --chown=1:1 /x /z
CMD ["sh", "-c", "echo $A"]
HEALTHCHECK --interval=5s CMD true
`;
const COMPOSE = `services:
  web:
    image: busybox
    command: ["echo", "\${A:-b}"]
    ports: ["8080:80"]
    depends_on: {db: {condition: service_started}}
  db: {image: busybox, volumes: [data:/data], healthcheck: {test: ["CMD", "true"], interval: 5s}}
volumes: {data: {}}
`;

const LANGUAGES: Readonly<Record<string, Language>> = {
  shell: {
    lab: 'linux',
    texts: [
      'for i in {1..3}; do echo "$i" | tr a-z A-Z; done; case $x in a|b) echo 1;; *) echo ${x:-y};; esac',
      'f() { local a=(1 2 3); echo "${a[@]/2/x}" $((1 + 2 ** 3)); }; f > /dev/null 2>&1 || echo $(date +%s)',
      'while read -r a b; do [[ $a =~ ^([a-z]+)$ ]] && echo "${BASH_REMATCH[1]}"; done <<< "x y"',
      'trap "echo bye" EXIT; printf "%s-%05d\\n" a 3; set -- a b; shift; echo $# "${@^^}" <(echo a)',
    ],
    command: (text) => `bash -c ${quote(text)}`,
  },
  awk: {
    lab: 'linux',
    texts: [
      'BEGIN { FS = ":" } $1 ~ /^r/ { n[$1]++; s = s $2 } END { for (k in n) printf "%s %d\\n", k, n[k] }',
      'function f(a) { return a > 1 ? f(a - 1) * a : 1 } { gsub(/[a-c]+/, "<&>"); print f(3), substr($0, 2, 3) }',
    ],
    command: (text) => `head -3 /etc/passwd | awk ${quote(text)}`,
  },
  sed: {
    lab: 'linux',
    texts: [
      's/\\(a*\\)b/[\\1]/g;y/abc/xyz/;/x/,$p',
      ':a;N;$!ba;s/\\n/ /g',
      '2{h;d};${G;s#o.*#&#2}',
    ],
    command: (text) => `head -3 /etc/passwd | sed ${quote(text)}`,
  },
  grep: {
    lab: 'linux',
    texts: ['^(a|b)+[[:digit:]]{2,3}\\bx?$', 'r[^o-z]*\\(o\\)\\1'],
    command: (text) => `grep -E ${quote(text)} /etc/passwd; grep ${quote(text)} /etc/passwd`,
  },
  jq: {
    lab: 'runtime',
    texts: [
      '.a[] | select(.b > 1) | {c: .b, "d": (.e // "x")} | keys',
      'def f($x): reduce range(0; $x) as $i ([]; . + [$i]); f(3) | map(tostring) | join("-")',
      '[.. | numbers] | length, ("\\(.[0])" | test("[0-9]+"; "x")), @base64 "a\\(1)"',
    ],
    command: (text) => `echo '{"a":[{"b":2,"e":null},{"b":1}]}' | jq ${quote(text)}`,
  },
  json: {
    lab: 'runtime',
    texts: ['{"a":[1,2.5e3,{"b":null,"c":"\\u00e9\\n"}],"d":true}'],
    command: (text) => `printf %s ${quote(text)} | jq .`,
  },
  manifest: {
    lab: 'minikube',
    texts: [DEPLOYMENT, SERVICE],
    command: (text) => `printf %s ${quote(text)} | kubectl apply -f -`,
  },
  jsonpath: {
    lab: 'minikube',
    texts: ['{range .items[*]}{.metadata.name}{"\\t"}{.spec.a[?(@.b=="c")].d[0:2]}{"\\n"}{end}'],
    command: (text) => `kubectl get nodes -o jsonpath=${quote(text)}`,
  },
  Dockerfile: {
    lab: 'docker',
    texts: [DOCKERFILE],
    command: (text) => `printf %s ${quote(text)} | docker build -q -`,
  },
  compose: {
    lab: 'docker',
    texts: [COMPOSE],
    command: (text) => `printf %s ${quote(text)} | docker compose -p x -f - config`,
  },
};

/** A text with a few pieces taken out, doubled, moved or put in. */
function damaged(text: string, random: Random): string {
  let out = text;
  for (let times = 1 + random.int(4); times > 0; times--) {
    const at = random.int(out.length + 1);
    const end = Math.min(out.length, at + 1 + random.int(12));
    const piece = PIECES[random.int(PIECES.length)] ?? '';
    const kind = random.int(5);
    if (kind === 0) out = out.slice(0, at) + out.slice(end);
    else if (kind === 1) out = out.slice(0, end) + out.slice(at);
    else if (kind === 2) out = out.slice(0, at) + piece.repeat(1 + random.int(3)) + out.slice(end);
    else if (kind === 3) out = out.slice(0, at) + piece + out.slice(at);
    else out = out.slice(0, at);
  }
  return out.replaceAll('\0', '');
}

/** Runs a command to its end or to a bound, where Ctrl-C ends it. */
function run({ session, simulation }: Lab, command: string): string {
  session.start(command);
  const advance = (): void => {
    const until = simulation.now + 5 * SECOND;
    simulation.advance({ until, budget: 300_000, done: () => !session.running });
  };
  advance();
  for (let i = 0; i < 3 && session.running; i++) {
    session.interrupt();
    advance();
  }
  expect(session.running, `still running: ${command}`).toBe(false);
  return session.takeOutput();
}

describe('damaged input', () => {
  test.each(Object.entries(LANGUAGES))('%s', (name, { lab, texts, command }) => {
    console.log(`${name}: DRYDOCK_FUZZ_SEED=${SEED}`);
    const random = randomStream(SEED).fork(name);
    const world = openLab(lab, SEED);
    for (let i = 0; i < RUNS; i++) {
      const text = damaged(texts[random.int(texts.length)] ?? '', random);
      try {
        run(world, command(text));
        expect(run(world, 'echo alive')).toContain('alive\n');
      } catch (thrown) {
        throw new Error(`of ${JSON.stringify(command(text))}`, { cause: thrown });
      }
    }
  });
});
