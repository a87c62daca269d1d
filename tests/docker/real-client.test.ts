// The real docker client (DOCKER, else the one on PATH) against a lab's Engine API on 127.0.0.1: what it prints is what
// the page's docker prints, where it is of the modelled version.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { normalise } from '../../src/cli/normalise.ts';
import { openLab } from '../../src/sim/labs/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCKER = process.env.DOCKER ?? 'docker';
const MODELLED = 'Docker version 28.2.';

/** What is run, in order, by a shell on either side. */
const COMMANDS: readonly string[] = [
  'docker version',
  `docker info | sed -n '/^Server:/,$p'`,
  'docker ps',
  'docker images',
  'docker pull busybox',
  'docker pull busybox',
  'docker pull -q alpine:3.20',
  'docker images',
  'docker images --tree',
  'docker image ls --format json',
  'docker run --name one busybox echo hello',
  `docker run --rm busybox sh -c 'echo out; echo err >&2; exit 3'; echo $?`,
  'docker run -d --name web -p 8080:80 --label a=b -e X=1 busybox sleep 1000',
  'docker ps -a',
  `docker ps -a --no-trunc --format '{{.Names}} {{.Command}} {{.Ports}} {{.Labels}}'`,
  'docker ps -q -f name=web | wc -l',
  'docker ps -f status=exited --format json',
  `docker exec web sh -c 'echo $X; id'`,
  'docker exec -i web cat <<< piped',
  'docker exec nosuch ls',
  'docker exec web nosuch',
  'docker logs one',
  'docker logs -t one | wc -l',
  'docker logs --tail 0 one',
  'docker logs nosuch',
  `docker inspect one --format '{{.State.Status}} {{.Name}} {{json .Config.Cmd}}'`,
  'docker inspect web',
  'docker inspect nosuch',
  `docker inspect -f '{{.Nope}}' web`,
  `docker inspect --type=image busybox --format '{{json .RepoTags}} {{.Os}}'`,
  'docker inspect busybox',
  `docker container inspect web --size --format '{{.SizeRootFs}}'`,
  'docker port web',
  'docker port web 80',
  'docker port web 81',
  'docker stats --no-stream web',
  `docker stats --no-stream --format '{{.Name}} {{.PIDs}}'`,
  'docker diff web',
  `docker exec web sh -c 'echo x > /new; rm /etc/passwd'`,
  'docker diff web',
  `printf 'content\\n' > f; docker cp f web:/tmp/f; docker cp web:/tmp/f g; cat g`,
  'docker cp web:/nosuch .',
  'docker cp web:/tmp/f - | tar tf -',
  `docker rename web site; docker ps --format '{{.Names}}'`,
  'docker rename nosuch x',
  'docker update --memory 64m --memory-swap 64m site',
  `docker update --restart on-failure:3 site; docker inspect -f '{{json .HostConfig.RestartPolicy}}' site`,
  'docker update nosuch',
  `docker pause site; docker ps --format '{{.Status}}' | sed 's/[0-9]* seconds/N seconds/'; docker unpause site`,
  'docker kill -s TERM nosuch',
  'docker wait one',
  'docker stop -t 0 site',
  'docker start site',
  'docker restart -t 0 site',
  'docker kill site',
  'docker rm site',
  'docker rm nosuch',
  'docker run --name one busybox',
  'docker run nosuch:latest',
  'docker run busybox nosuchcmd; echo $?',
  'docker run --rm busybox /etc; echo $?',
  'docker run --bad; echo $?',
  'docker run; echo $?',
  'docker run -p 99999:1 busybox',
  'docker run -v relative:/x --rm busybox ls /x',
  'docker run -v bad/path:/x busybox',
  'docker run --memory 1m busybox',
  'docker run --cpus 1000 busybox',
  'docker run --network nosuch busybox',
  'docker run --rm --network none busybox ip -o addr',
  'docker run --rm --entrypoint echo busybox a b',
  'docker run --rm -w /a/b busybox pwd',
  'docker run --rm -u nobody busybox id',
  'docker run --rm -u nosuch busybox id',
  'docker run --rm --env-file nosuch busybox',
  'docker run --rm --hostname box busybox hostname',
  'docker run --rm -it busybox echo tty',
  'docker network create --subnet 10.9.0.0/24 net',
  'docker network create net',
  'docker network ls',
  `docker network ls -f name=^n --format '{{.Name}} {{.Driver}}'`,
  'docker network ls -q | wc -l',
  'docker network inspect net',
  'docker network inspect nosuch',
  'docker network connect net one; docker network disconnect net one',
  'docker network connect net nosuch',
  'docker network disconnect net one',
  'docker network rm net',
  'docker network rm nosuch',
  'docker network prune -f',
  'docker volume create vol',
  'docker volume create',
  'docker volume ls',
  'docker volume inspect vol',
  'docker volume inspect nosuch',
  'docker volume ls -f dangling=true -q | wc -l',
  'docker volume ls --format json',
  'docker volume rm vol',
  'docker volume rm nosuch',
  'docker volume prune -f',
  'docker volume prune -af',
  `docker tag busybox mine:1; docker images --format '{{.Repository}}:{{.Tag}}' mine`,
  'docker tag nosuch x',
  'docker history busybox',
  `docker history --no-trunc --format '{{.CreatedBy}}' busybox`,
  'docker save busybox | tar tf - | grep -v blobs/sha256/',
  'docker save busybox -o saved.tar; docker rmi -f mine:1; docker load -i saved.tar',
  'docker save nosuch',
  'docker load -i f',
  'docker rmi nosuch',
  'docker rmi alpine:3.20',
  'docker rmi busybox',
  `docker commit one committed; docker images committed --format '{{.Repository}} {{.Tag}}'`,
  'docker commit nosuch',
  'docker export one | tar tf - | head -5',
  'docker export one | docker import - imported:1',
  `timeout 1 docker events --since 1 --format '{{.Type}} {{.Action}}' | sort | uniq -c`,
  'docker system df',
  'docker system df -v',
  `docker system df --format '{{.Type}} {{.TotalCount}}'`,
  'docker context show',
  'docker context create other --docker host=tcp://127.0.0.1:1',
  'docker context rm other',
  `docker create --name made busybox true; docker ps -a --format '{{.Names}} {{.Status}}' -f name=made; docker start -a made`,
  'docker attach made',
  'docker container prune -f',
  'docker container prune -f --filter until=1h',
  'docker image prune -f',
  'docker image prune -af',
  'docker system prune -f',
  'docker plugin ls',
  'docker swarm init',
  'docker node ls',
  'docker service ls',
  'docker secret ls',
  'docker config ls',
  'docker nosuch',
  'docker --nosuch',
  'docker ps --nosuch',
  'docker ps extra',
  'docker ps --filter nosuch=1',
  'docker images --filter nosuch=1',
  'docker volume ls --filter nosuch=1',
  'docker network ls --filter nosuch=1',
  `docker ps --format '{{.Nope}}'`,
  `docker ps --format '{{'`,
  'docker checkpoint ls one',
  'docker trust inspect busybox',
  `docker context ls -q 2>/dev/null; docker context create --description d --docker host=tcp://127.0.0.1:1 away; docker context inspect away --format '{{.Name}} {{json .Endpoints}} {{.Name}}'; docker context rm away`,
  'docker search nginx --limit 3',
  'docker login -u a -p b 2>&1 | tail -1',
  `docker run -d --name peak -m 64m --cpus 0.5 --cap-add NET_ADMIN --tmpfs /t:size=1m --ulimit nofile=64:128 --security-opt no-new-privileges busybox sleep 100 >/dev/null; docker inspect peak -f '{{json .HostConfig}}'`,
  'docker top peak -o cmd',
  'docker run --rm --mount type=tmpfs,target=/x,tmpfs-size=1m busybox df /x',
  'docker run --rm --gpus all busybox true',
  'docker run --rm --device nosuch busybox true',
  'docker run --rm --memory-swappiness 50 busybox true',
  'docker run --rm --mount type=bind busybox true',
  'docker run --rm --network-alias q busybox true',
];

const version = spawnSync(DOCKER, ['--version'], { encoding: 'utf8' });
const same = version.status === 0 && version.stdout.startsWith(MODELLED);
if (!same) {
  const found = version.status === 0 ? version.stdout.trim() : `${DOCKER} is not there`;
  console.log(`the real docker client: skipped, ${found} (28.2 is compared; set DOCKER)`);
}

/** One text of all answers; ids, times and where the two sides live are no difference. */
function transcript(answers: readonly string[], home: string): string[] {
  const text = COMMANDS.map((command, i) => `$ ${command}\n${answers[i] ?? ''}`).join('');
  return normalise(text.replaceAll(home, '/root'))
    .map((line) => line.replace(/<id(12|64):\d+>/g, '<id>').replace(/"Pid": \d+/, '"Pid": 1'))
    .map((line) => line.replace(/\b[a-z0-9]{25}\b/g, '<swarm id>'))
    .map((line) => line.replace(/SWMTKN-\S+/, '<token>'))
    .map((line) =>
      line.replace(RUNTIMES, (_, head, names) => head + names.split(' ').sort().join(' ')),
    );
}

/** The real client prints them in the order of a Go map, which is another each time. */
const RUNTIMES = /^( Runtimes: )(.*)$/;

/** A directory with the client as `docker`, and whatever else the commands need from PATH. */
function realAnswers(host: string, home: string): string[] {
  const alias = DOCKER === 'docker' ? '' : `docker() { ${DOCKER} "$@"; }\n`;
  const env = { PATH: process.env.PATH, HOME: home, DOCKER_HOST: host, DOCKER_CLI_HINTS: 'false' };
  return COMMANDS.map((command) => {
    const script = `exec 2>&1 </dev/null\n${alias}${command}`;
    const options = { encoding: 'utf8', cwd: home, env, timeout: 20_000 } as const;
    return spawnSync('bash', ['-c', script], options).stdout;
  });
}

function pageAnswers(): string[] {
  const lab = openLab('docker', 'serve');
  const answers = COMMANDS.map((command) => {
    lab.session.start(`exec 2>&1\n${command}`);
    lab.simulation.advance({ budget: 200_000_000, done: () => !lab.session.running });
    return lab.session.takeOutput();
  });
  lab.close();
  return answers;
}

describe.skipIf(!same)('the real docker client', () => {
  let server: ChildProcess;
  let host = '';

  beforeAll(async () => {
    server = spawn(process.execPath, [join(ROOT, 'src/cli/serve.ts'), 'docker'], { cwd: ROOT });
    host = await new Promise((resolve, reject) => {
      server.stdout?.on('data', (text) => resolve(String(text).trim().replace('DOCKER_HOST=', '')));
      server.stderr?.on('data', (text) => reject(new Error(String(text))));
    });
  }, 60_000);
  afterAll(() => {
    server.kill();
  });

  test('prints what the page’s docker prints', () => {
    const home = mkdtempSync(join(tmpdir(), 'drydock-docker-'));
    const real = transcript(realAnswers(host, home), home);
    expect(transcript(pageAnswers(), '/root')).toEqual(real);
  }, 60_000);
});
