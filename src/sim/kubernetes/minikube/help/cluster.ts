// The help of minikube's commands on a cluster and its nodes. A flag is `name|short|default|what it is for`.

import type { HelpPage } from './page.ts';

export const CLUSTER_HELP: readonly HelpPage[] = [
  {
    path: 'status',
    short: 'Gets the status of a local Kubernetes cluster',
    long: `Gets the status of a local Kubernetes cluster.
	Exit status contains the status of minikube's VM, cluster and Kubernetes encoded on it's bits in this order from right to left.
	Eg: 7 meaning: 1 (for minikube NOK) + 2 (for cluster NOK) + 4 (for Kubernetes NOK)`,
    flags: [
      `format|f|'{{.Name}}
type: Control Plane host: {{.Host}} kubelet: {{.Kubelet}} apiserver: {{.APIServer}} kubeconfig: {{.Kubeconfig}} {{- if .TimeToStop }} timeToStop: {{.TimeToStop}} {{- end }} {{- if .DockerEnv }} docker-env: {{.DockerEnv}} {{- end }} {{- if .PodManEnv }} podman-env: {{.PodManEnv}} {{- end }}  '|Go template format string for the status output.  The format for Go templates can be found here: https://pkg.go.dev/text/template For the list accessible variables for the template, see the struct values here: https://pkg.go.dev/k8s.io/minikube/cmd/minikube/cmd#Status`,
      "layout|l|'nodes'|output layout (EXPERIMENTAL, JSON only): 'nodes' or 'cluster'",
      "node|n|''|The node to check status for. Defaults to control plane. Leave blank with default format for status on all nodes.",
      "output|o|'text'|minikube status --output OUTPUT. json, text",
      'watch|w|1s|Continuously listing/getting the status with optional interval duration.',
    ],
  },
  {
    path: 'stop',
    short: 'Stops a running local Kubernetes cluster',
    long: 'Stops a local Kubernetes cluster. This command stops the underlying VM or container, but keeps user data intact. The cluster can be started again with the "start" command.',
    flags: [
      'all||false|Set flag to stop all profiles (clusters)',
      'cancel-scheduled||false|cancel any existing scheduled stop requests',
      'keep-context-active||false|keep the kube-context active after cluster is stopped. Defaults to false.',
      "output|o|'text'|Format to print stdout in. Options include: [text,json]",
      'schedule||0s|Set flag to stop cluster after a set amount of time (e.g. --schedule=5m)',
    ],
  },
  {
    path: 'delete',
    short: 'Deletes a local Kubernetes cluster',
    long: `Deletes a local Kubernetes cluster. This command deletes the VM, and removes all
associated files.`,
    flags: [
      'all||false|Set flag to delete all profiles',
      "output|o|'text'|Format to print stdout in. Options include: [text,json]",
      "purge||false|Set this flag to delete the '.minikube' folder from your user directory.",
    ],
  },
  {
    path: 'dashboard',
    short: 'Access the Kubernetes dashboard running within the minikube cluster',
    flags: [
      'port||0|Exposed port of the proxyfied dashboard. Set to 0 to pick a random port.',
      'url||false|Display dashboard URL instead of opening a browser',
    ],
  },
  {
    path: 'pause',
    short: 'pause Kubernetes',
    flags: [
      'all-namespaces|A|false|If set, pause all namespaces',
      'namespaces|n|[kube-system,kubernetes-dashboard,storage-gluster,istio-operator]|namespaces to pause',
      "output|o|'text'|Format to print stdout in. Options include: [text,json]",
    ],
  },
  {
    path: 'unpause',
    short: 'unpause Kubernetes',
    aliases: 'unpause, resume',
    flags: [
      'all-namespaces|A|false|If set, unpause all namespaces',
      'namespaces|n|[kube-system,kubernetes-dashboard,storage-gluster,istio-operator]|namespaces to unpause',
      "output|o|'text'|Format to print stdout in. Options include: [text,json]",
    ],
  },
  {
    path: 'mount',
    short: 'Mounts the specified directory into minikube',
    long: 'Mounts the specified directory into minikube.',
    usage: 'minikube mount [flags] <source directory>:<target directory>',
    flags: [
      "9p-version||'9p2000.L'|Specify the 9p version that the mount should use",
      "gid||'docker'|Default group id used for the mount",
      "ip||''|Specify the ip that the mount should be setup on",
      'kill||false|Kill the mount process spawned by minikube start',
      'msize||262144|The number of bytes to use for 9p packet payload',
      'options||[]|Additional mount options, such as cache=fscache',
      'port||0|Specify the port that the mount should be setup on, where 0 means any free port.',
      "type||'9p'|Specify the mount filesystem type (supported types: 9p)",
      "uid||'docker'|Default user id used for the mount",
    ],
  },
  {
    path: 'ssh',
    short: 'Log into the minikube environment (for debugging)',
    long: "Log into or run a command on a machine with SSH; similar to 'docker-machine ssh'.",
    flags: [
      "native-ssh||true|Use native Golang SSH client (default true). Set to 'false' to use the command line 'ssh' command when accessing the docker machine. Useful for the machine drivers when they will not start with 'Waiting for SSH'.",
      "node|n|''|The node to ssh into. Defaults to the primary control plane.",
    ],
  },
  {
    path: 'kubectl',
    short: 'Run a kubectl binary matching the cluster version',
    long: `Run the Kubernetes client, download it if necessary. Remember -- after kubectl!

This will run the Kubernetes client (kubectl) with the same version as the cluster

Normally it will download a binary matching the host operating system and architecture,
but optionally you can also run it directly on the control plane over the ssh connection.
This can be useful if you cannot run kubectl locally for some reason, like unsupported
host. Please be aware that when using --ssh all paths will apply to the remote machine.`,
    examples: `minikube kubectl -- --help
minikube kubectl -- get pods --namespace kube-system`,
    flags: ['ssh||false|Use SSH for running kubernetes client on the node'],
  },
  {
    path: 'node',
    short: 'Add, remove, or list additional nodes',
    long: 'Operations on nodes',
  },
  {
    path: 'node add',
    short: 'Adds a node to the given cluster.',
    long: 'Adds a node to the given cluster config, and starts it.',
    flags: [
      'control-plane||false|If set, added node will become a control-plane. Defaults to false. Currently only supported for existing HA (multi-control plane) clusters.',
      'delete-on-failure||false|If set, delete the current cluster if start fails and try again. Defaults to false.',
      'worker||true|If set, added node will be available as worker. Defaults to true.',
    ],
  },
  {
    path: 'node delete',
    short: 'Deletes a node from a cluster.',
  },
  {
    path: 'node list',
    short: 'List nodes.',
    long: 'List existing minikube nodes.',
  },
  {
    path: 'node start',
    short: 'Starts a node.',
    long: 'Starts an existing stopped node in a cluster.',
    flags: [
      'delete-on-failure||false|If set, delete the current cluster if start fails and try again. Defaults to false.',
    ],
  },
  {
    path: 'node stop',
    short: 'Stops a node in a cluster.',
  },
  {
    path: 'cp',
    short: 'Copy the specified file into minikube',
    long: `Copy the specified file into minikube, it will be saved at path <target file absolute path> in your minikube.
Default target node controlplane and If <source node name> is omitted, It will trying to copy from host.

Example Command : "minikube cp a.txt /home/docker/b.txt" +
                  "minikube cp a.txt minikube-m02:/home/docker/b.txt"
                  "minikube cp minikube-m01:a.txt minikube-m02:/home/docker/b.txt"`,
    usage:
      'minikube cp <source node name>:<source file path> <target node name>:<target file absolute path> [flags]',
  },
  {
    path: 'ssh-key',
    short: 'Retrieve the ssh identity key path of the specified node',
    long: 'Retrieve the ssh identity key path of the specified node, and writes it to STDOUT.',
    flags: ["node|n|''|The node to get ssh-key path. Defaults to the primary control plane."],
  },
  {
    path: 'ssh-host',
    short: 'Retrieve the ssh host key of the specified node',
    long: 'Retrieve the ssh host key of the specified node.',
    flags: [
      'append-known||false|Add host key to SSH known_hosts file',
      "node|n|''|The node to ssh into. Defaults to the primary control plane.",
    ],
  },
  {
    path: 'ip',
    short: 'Retrieves the IP address of the specified node',
    long: 'Retrieves the IP address of the specified node, and writes it to STDOUT.',
    flags: ["node|n|''|The node to get IP. Defaults to the primary control plane."],
  },
  {
    path: 'logs',
    short: 'Returns logs to debug a local Kubernetes cluster',
    long: 'Gets the logs of the running instance, used for debugging minikube, not user code.',
    flags: [
      'audit||false|Show only the audit logs',
      "file||''|If present, writes to the provided file instead of stdout.",
      'follow|f|false|Show only the most recent journal entries, and continuously print new entries as they are appended to the journal.',
      'last-start-only||false|Show only the last start logs.',
      'length|n|60|Number of lines back to go within the log',
      "node||''|The node to get logs from. Defaults to the primary control plane.",
      'problems||false|Show only log entries which point to known problems',
    ],
  },
  {
    path: 'update-check',
    short: 'Print current and latest version number',
  },
  {
    path: 'version',
    short: 'Print the version of minikube',
    long: 'Print the version of minikube.',
    flags: [
      'components||false|list versions of all components included with minikube. (the cluster must be running)',
      "output|o|''|One of 'yaml' or 'json'.",
      'short||false|Print just the version number.',
    ],
  },
  {
    path: 'options',
    short: 'Show a list of global command-line options (applies to all commands).',
  },
  {
    path: 'license',
    short: 'Outputs the licenses of dependencies to a directory',
    flags: ["dir|d|'.'|Directory to output licenses to"],
  },
];
