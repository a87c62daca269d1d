// The container runtime docker on a node (cruntime/docker.go, libmachine's provisioning): certificates for dockerd's port 2376,
// its unit, and cri-dockerd between it and the kubelet. Sockets that systemd opens are left out: the daemons open their own.

import { makeDirectories, writeWholeFile } from '../../containers/containerd/daemon.ts';
import { SANDBOX_IMAGE } from '../../containers/cri/sandbox.ts';
import { encode } from '../../core/text.ts';
import { epochMilliseconds } from '../../core/time.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { certificatesOf } from '../../userland/tls/certificate.ts';
import { readText } from '../component/kubeconfig.ts';
import { certificatePem, issue, type KeyPair, keyPem } from '../kubeadm/pki.ts';
import { miniHome } from './profile.ts';

/** dockerd's port with TLS. */
export const DOCKER_PORT = 2376;
export const CRI_DOCKER_ENDPOINT = 'unix:///var/run/cri-dockerd.sock';

const UNIT = '/etc/systemd/system/docker.service';
const CRI_DROP_IN = '/etc/systemd/system/cri-docker.service.d/10-cni.conf';

/** dockerd's unit as minikube writes it. */
function dockerUnit(driver: string): string {
  return `[Unit]
Description=Docker Application Container Engine
Documentation=https://docs.docker.com
After=network-online.target nss-lookup.target containerd.service
Wants=network-online.target containerd.service
StartLimitBurst=3
StartLimitIntervalSec=60

[Service]
Type=notify
Restart=always

ExecStart=
ExecStart=/usr/bin/dockerd -H tcp://0.0.0.0:${DOCKER_PORT} -H fd:// --containerd=/run/containerd/containerd.sock -H unix:///var/run/docker.sock --default-ulimit=nofile=1048576:1048576 --tlsverify --tlscacert /etc/docker/ca.pem --tlscert /etc/docker/server.pem --tlskey /etc/docker/server-key.pem --label provider=${driver}
ExecReload=/bin/kill -s HUP $MAINPID

LimitNOFILE=infinity
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Delegate=yes
KillMode=process
OOMScoreAdjust=-500

[Install]
WantedBy=multi-user.target
`;
}

const CRI_UNIT = `[Service]
ExecStart=
ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd:// --pod-infra-container-image=${SANDBOX_IMAGE} --network-plugin=cni --hairpin-mode=hairpin-veth`;

/** ~/.minikube/certs. */
export function certificatesFolder(process: Process): string {
  return `${miniHome(process)}/certs`;
}

function put(process: Process, path: string, text: string, mode: number): void {
  makeDirectories(process, path.slice(0, path.lastIndexOf('/')), 0o755);
  writeWholeFile(process, path, encode(text), mode);
}

/** The authority of this machine's engines with the client's certificate, made where they are not there. */
function* authority(process: Process, now: number): Routine<KeyPair> {
  const folder = certificatesFolder(process);
  const text = yield* readText(process, `${folder}/ca.pem`);
  const [known] = isErrno(text) ? [] : certificatesOf(text);
  if (known) return { certificate: known, key: known.key };
  const user = process.environment.get('USER') ?? 'root';
  const seed = `${process.simulation.seed}/${process.hostname}/${user}`;
  const organizations = [`${user}.${process.hostname}`];
  const own = issue(`${seed}/ca`, undefined, { commonName: '', organizations }, now);
  const client = issue(
    `${seed}/client`,
    own.certificate,
    { commonName: '', organizations: [`${user}.<bootstrap>`], usages: ['client auth'] },
    now,
  );
  put(process, `${folder}/ca.pem`, certificatePem(own), 0o644);
  put(process, `${folder}/ca-key.pem`, keyPem(own), 0o600);
  put(process, `${folder}/cert.pem`, certificatePem(client), 0o644);
  put(process, `${folder}/key.pem`, keyPem(client), 0o600);
  return own;
}

/** Files of a node by path: what dockerd shows and whom it believes, the units. */
export function* dockerFiles(
  process: Process,
  node: { readonly name: string; readonly address: string; readonly driver: string },
): Routine<ReadonlyMap<string, string>> {
  const now = epochMilliseconds(process.now);
  const signer = yield* authority(process, now);
  const { name, address, driver } = node;
  const server = issue(
    `${process.simulation.seed}/${name}/server`,
    signer.certificate,
    {
      commonName: '',
      organizations: signer.certificate.organizations,
      dnsNames: ['localhost', 'minikube', name],
      ipAddresses: ['127.0.0.1', address],
      usages: ['digital signature', 'key encipherment', 'server auth'],
    },
    now,
  );
  const machine = `${miniHome(process)}/machines/${name}`;
  put(process, `${machine}/server.pem`, certificatePem(server), 0o644);
  put(process, `${machine}/server-key.pem`, keyPem(server), 0o600);
  return new Map([
    ['/etc/docker/ca.pem', certificatePem(signer)],
    ['/etc/docker/server.pem', certificatePem(server)],
    ['/etc/docker/server-key.pem', keyPem(server)],
    [UNIT, dockerUnit(driver)],
    [CRI_DROP_IN, CRI_UNIT],
    ['/etc/crictl.yaml', `runtime-endpoint: ${CRI_DOCKER_ENDPOINT}\n`],
  ]);
}

/** What brings the runtime up once its files are there. */
export const DOCKER_START = [
  'systemctl daemon-reload',
  'systemctl enable docker cri-docker',
  'systemctl restart docker',
  'systemctl restart cri-docker',
].join(' && ');
