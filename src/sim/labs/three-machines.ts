// Names and addresses of the machines of the labs `machines` and `kubeadm`: the same three before and after a cluster is
// made of them.

/** The machines by name, in the order of their pod ranges. */
export const MACHINES: Readonly<Record<string, string>> = {
  controlplane: '192.168.56.10',
  node01: '192.168.56.11',
  node02: '192.168.56.12',
};
/** Their way out. */
export const GATEWAY = '192.168.56.1';

/** /etc/hosts of each machine, with all of them. */
export const HOSTS_FILE = [
  '127.0.0.1 localhost\n',
  ...Object.entries(MACHINES).map(([name, ip]) => `${ip} ${name}\n`),
].join('');
