// The help of minikube's commands on images, addons, settings and services. A flag is `name|short|default|what it is for`.

import type { HelpPage } from './page.ts';

export const SETTINGS_HELP: readonly HelpPage[] = [
  {
    path: 'docker-env',
    short:
      "Provides instructions to point your terminal's docker-cli to the Docker Engine inside minikube. (Useful for building docker images directly inside minikube)",
    long: `Provides instructions to point your terminal's docker-cli to the Docker Engine inside minikube. (Useful for building docker images directly inside minikube)

For example, you can do all docker operations such as docker build, docker run, and docker ps directly on the docker inside minikube.

Note: You need the docker-cli to be installed on your machine.
docker-cli install instructions: https://minikube.sigs.k8s.io/docs/tutorials/docker_desktop_replacement/#steps`,
    flags: [
      'no-proxy||false|Add machine IP to NO_PROXY environment variable',
      "output|o|''|One of 'text', 'yaml' or 'json'.",
      "shell||''|Force environment to be configured for a specified shell: [fish, cmd, powershell, tcsh, bash, zsh], default is auto-detect",
      'ssh-add||false|Add SSH identity key to SSH authentication agent',
      'ssh-host||false|Use SSH connection instead of HTTPS (port 2376)',
      'unset|u|false|Unset variables instead of setting them',
    ],
  },
  {
    path: 'podman-env',
    short: "Configure environment to use minikube's Podman service",
    long: "Sets up podman env variables; similar to '$(podman-machine env)'.",
    flags: [
      "shell||''|Force environment to be configured for a specified shell: [fish, cmd, powershell, tcsh, bash, zsh], default is auto-detect",
      'unset|u|false|Unset variables instead of setting them',
    ],
  },
  {
    path: 'cache',
    short: 'Manage cache for images',
    long: 'Add an image into minikube as a local cache, or delete, reload the cached images',
    usage: '',
  },
  {
    path: 'cache add',
    short: 'Add an image to local cache.',
    flags: ['all||false|Add image to cache for all running minikube clusters'],
  },
  {
    path: 'cache delete',
    short: 'Delete an image from the local cache.',
  },
  {
    path: 'cache list',
    short: 'List all available images from the local cache.',
    flags: [
      `format||'{{.CacheImage}}
'|Go template format string for the cache list output.  The format for Go templates can be found here: https://pkg.go.dev/text/template For the list of accessible variables for the template, see the struct values here: https://pkg.go.dev/k8s.io/minikube/cmd/minikube/cmd#CacheListTemplate`,
    ],
  },
  {
    path: 'cache reload',
    short: 'reload cached images.',
    long: "reloads images previously added using the 'cache add' subcommand",
  },
  {
    path: 'image',
    short: 'Manage images',
    usage: '',
  },
  {
    path: 'image build',
    short: 'Build a container image in minikube',
    long: 'Build a container image, using the container runtime.',
    usage: 'minikube image build PATH | URL | - [flags]',
    examples: 'minikube image build .',
    flags: [
      'all||false|Build image on all nodes.',
      'build-env||[]|Environment variables to pass to the build. (format: key=value)',
      'build-opt||[]|Specify arbitrary flags to pass to the build. (format: key=value)',
      "file|f|''|Path to the Dockerfile to use (optional)",
      "node|n|''|The node to build on. Defaults to the primary control plane.",
      'push||false|Push the new image (requires tag)',
      "tag|t|''|Tag to apply to the new image (optional)",
    ],
  },
  {
    path: 'image load',
    short: 'Load an image into minikube',
    usage: 'minikube image load IMAGE | ARCHIVE | - [flags]',
    examples: `minikube image load image
minikube image load image.tar`,
    flags: [
      'daemon||false|Cache image from docker daemon',
      'overwrite||true|Overwrite image even if same image:tag name exists',
      'pull||false|Pull the remote image (no caching)',
      'remote||false|Cache image from remote registry',
    ],
  },
  {
    path: 'image ls',
    short: 'List images',
    aliases: 'ls, list',
    examples: `
$ minikube image ls`,
    flags: ["format||'short'|Format output. One of: short|table|json|yaml"],
  },
  {
    path: 'image pull',
    short: 'Pull images',
    examples: `
$ minikube image pull busybox`,
  },
  {
    path: 'image push',
    short: 'Push images',
    examples: `
$ minikube image push busybox`,
  },
  {
    path: 'image rm',
    short: 'Remove one or more images',
    usage: 'minikube image rm IMAGE [IMAGE...] [flags]',
    aliases: 'rm, remove, unload',
    examples: `
$ minikube image rm image busybox

$ minikube image unload image busybox`,
  },
  {
    path: 'image save',
    short: 'Save a image from minikube',
    usage: 'minikube image save IMAGE [ARCHIVE | -] [flags]',
    examples: `minikube image save image
minikube image save image image.tar`,
    flags: [
      'daemon||false|Cache image to docker daemon',
      'remote||false|Cache image to remote registry',
    ],
  },
  {
    path: 'image tag',
    short: 'Tag images',
    aliases: 'tag, list',
    examples: `
$ minikube image tag source target`,
  },
  {
    path: 'addons',
    short: 'Enable or disable a minikube addon',
    long: 'addons modifies minikube addons files using subcommands like "minikube addons enable dashboard"',
    usage: 'minikube addons SUBCOMMAND [flags]',
  },
  {
    path: 'addons configure',
    short:
      'Configures the addon w/ADDON_NAME within minikube (example: minikube addons configure registry-creds). For a list of available addons use: minikube addons list',
    usage: 'minikube addons configure ADDON_NAME [flags]',
    flags: [
      "config-file|f|''|An optional configuration file to read addon specific configs from instead of being prompted each time.",
    ],
  },
  {
    path: 'addons disable',
    short:
      'Disables the addon w/ADDON_NAME within minikube (example: minikube addons disable dashboard). For a list of available addons use: minikube addons list ',
    long: 'Disables the addon w/ADDON_NAME within minikube (example: minikube addons disable dashboard). For a list of available addons use: minikube addons list',
    usage: 'minikube addons disable ADDON_NAME [flags]',
  },
  {
    path: 'addons enable',
    short:
      'Enables the addon w/ADDON_NAME within minikube. For a list of available addons use: minikube addons list ',
    long: 'Enables the addon w/ADDON_NAME within minikube. For a list of available addons use: minikube addons list',
    usage: 'minikube addons enable ADDON_NAME [flags]',
    examples: 'minikube addons enable dashboard',
    flags: [
      'force||false|If true, will perform potentially dangerous operations. Use with discretion.',
      "images||''|Images used by this addon. Separated by commas.",
      'refresh||false|If true, pods might get deleted and restarted on addon enable',
      "registries||''|Registries used by this addon. Separated by commas.",
    ],
  },
  {
    path: 'addons images',
    short:
      'List image names the addon w/ADDON_NAME used. For a list of available addons use: minikube addons list',
    usage: 'minikube addons images ADDON_NAME [flags]',
    examples: 'minikube addons images ingress',
    flags: ["output|o|'table'|minikube addons images ADDON_NAME --output OUTPUT. table, json"],
  },
  {
    path: 'addons list',
    short:
      'Lists all available minikube addons as well as their current statuses (enabled/disabled)',
    flags: [
      "docs|d|false|If true, print web links to addons' documentation if using --output=list (default).",
      "output|o|'list'|minikube addons list --output OUTPUT. json, list",
    ],
  },
  {
    path: 'addons open',
    short:
      'Opens the addon w/ADDON_NAME within minikube (example: minikube addons open dashboard). For a list of available addons use: minikube addons list ',
    long: 'Opens the addon w/ADDON_NAME within minikube (example: minikube addons open dashboard). For a list of available addons use: minikube addons list',
    usage: 'minikube addons open ADDON_NAME [flags]',
    flags: [
      'https||false|Open the addons URL with https instead of http',
      'interval||1|The time interval for each check that wait performs in seconds',
      'url||false|Display the Kubernetes addons URL in the CLI instead of opening it in the default browser',
      'wait||2|Amount of time to wait for service in seconds',
    ],
  },
  {
    path: 'config',
    short: 'Modify persistent configuration values',
    long: `config modifies minikube config files using subcommands like "minikube config set driver kvm2"
Configurable fields: 

 * driver
 * vm-driver
 * container-runtime
 * feature-gates
 * v
 * cpus
 * disk-size
 * host-only-cidr
 * memory
 * log_dir
 * kubernetes-version
 * iso-url
 * WantUpdateNotification
 * WantBetaUpdateNotification
 * ReminderWaitPeriodInHours
 * WantNoneDriverWarning
 * WantVirtualBoxDriverWarning
 * profile
 * bootstrapper
 * insecure-registry
 * hyperv-virtual-switch
 * disable-driver-mounts
 * cache
 * EmbedCerts
 * native-ssh
 * rootless
 * MaxAuditEntries`,
    usage: 'minikube config SUBCOMMAND [flags]',
  },
  {
    path: 'config defaults',
    short: 'Lists all valid default values for PROPERTY_NAME',
    long: `list displays all valid default settings for PROPERTY_NAME
Acceptable fields: 

 * driver
 * kubernetes-version`,
    usage: 'minikube config defaults PROPERTY_NAME [flags]',
    flags: ["output|o|''|Output format. Accepted values: [json, yaml]"],
  },
  {
    path: 'config get',
    short: 'Gets the value of PROPERTY_NAME from the minikube config file',
    long: 'Returns the value of PROPERTY_NAME from the minikube config file.  Can be overwritten at runtime by flags or environmental variables.',
    usage: 'minikube config get PROPERTY_NAME [flags]',
  },
  {
    path: 'config set',
    short: 'Sets an individual value in a minikube config file',
    long: `Sets the PROPERTY_NAME config value to PROPERTY_VALUE
	These values can be overwritten by flags or environment variables at runtime.`,
    usage: 'minikube config set PROPERTY_NAME PROPERTY_VALUE [flags]',
  },
  {
    path: 'config unset',
    short: 'unsets an individual value in a minikube config file',
    long: 'unsets PROPERTY_NAME from the minikube config file.  Can be overwritten by flags or environmental variables',
    usage: 'minikube config unset PROPERTY_NAME [flags]',
  },
  {
    path: 'config view',
    short: 'Display values currently set in the minikube config file',
    long: `Display values currently set in the minikube config file. 
	The output format can be customized using the --format flag, which accepts a Go template. 
	The config file is typically located at "~/.minikube/config/config.json".`,
    flags: [
      `format||'- {{.ConfigKey}}: {{.ConfigValue}}
'|Go template format string for the config view output.  The format for Go templates can be found here: https://pkg.go.dev/text/template For the list of accessible variables for the template, see the struct values here: https://pkg.go.dev/k8s.io/minikube/cmd/minikube/cmd/config#ConfigViewTemplate`,
    ],
  },
  {
    path: 'profile',
    short: 'Get or list the current profiles (clusters)',
    long: 'profile sets the current minikube profile, or gets the current profile if no arguments are provided.  This is used to run and manage multiple minikube instance.  You can return to the default minikube profile by running `minikube profile default`',
    usage:
      'minikube profile [MINIKUBE_PROFILE_NAME].  You can return to the default minikube profile by running `minikube profile default` [flags]',
  },
  {
    path: 'profile list',
    short: 'Lists all minikube profiles.',
    long: 'Lists all valid minikube profiles and detects all possible invalid profiles.',
    flags: [
      'detailed|d|false|If true, returns a detailed list of profiles.',
      'light|l|false|If true, returns list of profiles faster by skipping validating the status of the cluster.',
      "output|o|'table'|The output format. One of 'json', 'table'",
    ],
  },
  {
    path: 'update-context',
    short: 'Update kubeconfig in case of an IP or port change',
    long: `Retrieves the IP address of the running cluster, checks it
			with IP in kubeconfig, and corrects kubeconfig if incorrect.`,
  },
  {
    path: 'service',
    short: 'Returns a URL to connect to a service',
    long: 'Returns the Kubernetes URL(s) for service(s) in your local cluster. In the case of multiple URLs they will be printed one at a time.',
    usage: 'minikube service [flags] SERVICE',
    flags: [
      'all||false|Forwards all services in a namespace (defaults to "false")',
      'https||false|Open the service URL with https instead of http (defaults to "false")',
      'interval||1|The initial time interval for each check that wait performs in seconds',
      "namespace|n|'default'|The service namespace",
      'url||false|Display the Kubernetes service URL in the CLI instead of opening it in the default browser',
      'wait||2|Amount of time to wait for a service in seconds',
    ],
  },
  {
    path: 'service list',
    short: 'Lists the URLs for the services in your local cluster',
    flags: [
      "namespace|n|''|The services namespace",
      "output|o|'table'|The output format. One of 'json', 'table'",
    ],
  },
  {
    path: 'tunnel',
    short: 'Connect to LoadBalancer services',
    long: 'tunnel creates a route to services deployed with type LoadBalancer and sets their Ingress to their ClusterIP. for a detailed example see https://minikube.sigs.k8s.io/docs/tasks/loadbalancer',
    flags: [
      "bind-address||''|set tunnel bind address, empty or '*' indicates the tunnel should be available for all interfaces",
      'cleanup|c|true|call with cleanup=true to remove old tunnels',
    ],
  },
  {
    path: 'completion',
    short: 'Generate command completion for a shell',
    long: `Outputs minikube shell completion for the given shell (bash, zsh, fish or powershell)

	This depends on the bash-completion binary.  Example installation instructions:
	OS X:
		$ brew install bash-completion
		$ source $(brew --prefix)/etc/bash_completion
		$ minikube completion bash > ~/.minikube-completion  # for bash users
		$ minikube completion zsh > ~/.minikube-completion  # for zsh users
		$ source ~/.minikube-completion
		$ minikube completion fish > ~/.config/fish/completions/minikube.fish # for fish users
	Ubuntu:
		$ apt-get install bash-completion
		$ source /etc/bash_completion
		$ source <(minikube completion bash) # for bash users
		$ source <(minikube completion zsh) # for zsh users
		$ minikube completion fish > ~/.config/fish/completions/minikube.fish # for fish users

	Additionally, you may want to output the completion to a file and source in your .bashrc

	Windows:
		## Save completion code to a script and execute in the profile
		PS> minikube completion powershell > $HOME\\.minikube-completion.ps1
		PS> Add-Content $PROFILE '. $HOME\\.minikube-completion.ps1'

		## Execute completion code in the profile
		PS> Add-Content $PROFILE 'if (Get-Command minikube -ErrorAction SilentlyContinue) {
		        minikube completion powershell | Out-String | Invoke-Expression
		    }'

	Note for zsh users: [1] zsh completions are only supported in versions of zsh >= 5.2
	Note for fish users: [2] please refer to this docs for more details https://fishshell.com/docs/current/#tab-completion`,
    usage: 'minikube completion SHELL [flags]',
  },
  {
    path: 'completion bash',
    short: 'bash completion.',
    long: 'Generate command completion for bash.',
  },
  {
    path: 'completion fish',
    short: 'fish completion.',
    long: 'Generate command completion for fish .',
  },
  {
    path: 'completion powershell',
    short: 'powershell completion.',
    long: 'Generate command completion for PowerShell.',
  },
  {
    path: 'completion zsh',
    short: 'zsh completion.',
    long: 'Generate command completion for zsh.',
  },
];
