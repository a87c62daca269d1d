// Where Debian's packages put the programs that people start, and the few other files that these need.

/** Paths by package; the program is the last word of its path. */
export const PROGRAM_PATHS: Readonly<Record<string, string>> = {
  'apt-utils': '/usr/bin/apt-extracttemplates /usr/bin/apt-ftparchive',
  'bash-completion': '/usr/share/bash-completion/bash_completion',
  'bind9-dnsutils': '/usr/bin/dig /usr/bin/nslookup /usr/bin/nsupdate',
  'bind9-host': '/usr/bin/host',
  binutils: '/usr/bin/ld /usr/bin/objdump /usr/bin/readelf /usr/bin/strings',
  'bridge-utils': '/usr/sbin/brctl',
  bsdextrautils: '/usr/bin/column /usr/bin/hexdump /usr/bin/hd',
  busybox: '/usr/bin/busybox',
  bzip2: '/usr/bin/bzip2 /usr/bin/bunzip2',
  'ca-certificates': '/usr/sbin/update-ca-certificates',
  'cgroup-tools': '/usr/bin/cgcreate /usr/bin/cgexec /usr/bin/lscgroup',
  conntrack: '/usr/sbin/conntrack',
  cowsay: '/usr/games/cowsay /usr/games/cowthink',
  cron: '/usr/sbin/cron /usr/bin/crontab',
  curl: '/usr/bin/curl',
  dialog: '/usr/bin/dialog',
  'dumb-init': '/usr/bin/dumb-init',
  ed: '/usr/bin/ed',
  ethtool: '/usr/sbin/ethtool',
  figlet: '/usr/bin/figlet',
  file: '/usr/bin/file',
  gcc: '/usr/bin/gcc /usr/bin/cc',
  'g++': '/usr/bin/g++ /usr/bin/c++',
  git: '/usr/bin/git',
  gnupg: '/usr/bin/gpg',
  gpg: '/usr/bin/gpg',
  gosu: '/usr/sbin/gosu',
  htop: '/usr/bin/htop',
  'inetutils-telnet': '/usr/bin/telnet',
  iperf3: '/usr/bin/iperf3',
  iproute2: '/usr/bin/ip /usr/bin/ss /usr/sbin/bridge /usr/sbin/tc',
  ipset: '/usr/sbin/ipset',
  iptables:
    '/usr/sbin/iptables /usr/sbin/iptables-save /usr/sbin/iptables-restore /usr/sbin/ip6tables',
  'iputils-ping': '/usr/bin/ping',
  jq: '/usr/bin/jq',
  less: '/usr/bin/less',
  locales: '/usr/sbin/locale-gen',
  'lsb-release': '/usr/bin/lsb_release',
  lsof: '/usr/bin/lsof',
  make: '/usr/bin/make',
  'man-db': '/usr/bin/man',
  nano: '/usr/bin/nano',
  'net-tools': '/usr/bin/netstat /usr/sbin/ifconfig /usr/sbin/route /usr/sbin/arp',
  'netcat-openbsd': '/usr/bin/nc /usr/bin/nc.openbsd=nc',
  'netcat-traditional': '/usr/bin/nc.traditional=nc /usr/bin/nc',
  nginx: '/usr/sbin/nginx',
  nodejs: '/usr/bin/node /usr/bin/nodejs=node',
  'openssh-client': '/usr/bin/ssh /usr/bin/scp /usr/bin/ssh-keygen',
  'openssh-server': '/usr/sbin/sshd',
  openssl: '/usr/bin/openssl',
  patch: '/usr/bin/patch',
  perl: '/usr/bin/perl',
  procps:
    '/usr/bin/free /usr/bin/kill /usr/bin/pgrep /usr/bin/pkill /usr/bin/ps /usr/sbin/sysctl /usr/bin/top /usr/bin/uptime /usr/bin/vmstat /usr/bin/w /usr/bin/watch /usr/bin/pidof',
  psmisc: '/usr/bin/fuser /usr/bin/killall /usr/bin/pstree',
  python3: '/usr/bin/python3',
  'python3-pip': '/usr/bin/pip /usr/bin/pip3=pip',
  'redis-server': '/usr/bin/redis-server',
  'redis-tools': '/usr/bin/redis-cli /usr/bin/redis-benchmark',
  rsync: '/usr/bin/rsync',
  sl: '/usr/games/sl',
  socat: '/usr/bin/socat',
  strace: '/usr/bin/strace',
  stress: '/usr/bin/stress',
  sudo: '/usr/bin/sudo',
  tcpdump: '/usr/bin/tcpdump',
  tini: '/usr/bin/tini',
  traceroute: '/usr/bin/traceroute',
  tree: '/usr/bin/tree',
  unzip: '/usr/bin/unzip',
  vim: '/usr/bin/vim /usr/bin/vi=vim',
  wget: '/usr/bin/wget',
  xxd: '/usr/bin/xxd',
  'xz-utils': '/usr/bin/xz /usr/bin/unxz',
  zip: '/usr/bin/zip',
};

const NGINX_CONF = `user www-data;
worker_processes auto;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;

events {
	worker_connections 768;
}

http {
	sendfile on;
	include /etc/nginx/mime.types;
	default_type application/octet-stream;
	access_log /var/log/nginx/access.log;
	include /etc/nginx/conf.d/*.conf;
	include /etc/nginx/sites-enabled/*;
}
`;

const NGINX_SITE = `server {
	listen 80 default_server;
	root /var/www/html;
	index index.html index.htm index.nginx-debian.html;
	server_name _;
	location / {
		try_files $uri $uri/ =404;
	}
}
`;

/** Text files by package. */
export const TEXT_FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'nginx-common': {
    'etc/nginx/nginx.conf': NGINX_CONF,
    'etc/nginx/mime.types': 'types {\n    text/html html htm;\n    text/css css;\n}\n',
    'etc/nginx/sites-enabled/default': NGINX_SITE,
    'var/log/nginx/access.log': '',
    'var/log/nginx/error.log': '',
    'var/www/html/index.nginx-debian.html':
      '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n',
  },
  'redis-server': {
    'etc/redis/redis.conf': 'bind 127.0.0.1 -::1\nport 6379\ndir /var/lib/redis\n',
  },
  'ca-certificates': { 'etc/ssl/certs/ca-certificates.crt': '' },
};
