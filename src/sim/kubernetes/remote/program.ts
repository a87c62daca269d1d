// ssh(1) between the machines of a lab: `ssh NODE COMMAND`, as root, without keys.

import { notSimulated, program } from '../../userland/libc/stdio.ts';
import { resolveHost } from '../../userland/libc/resolver.ts';
import { runRemote, serveRemote } from './ssh.ts';

const SECURE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Options of ssh that take a value. */
const VALUED = /^-[bcDEeFIiJLlmOopQRSWw]$/;

export const ssh = program('ssh', function* (main) {
  const words = [...main.args];
  let terminal: boolean | undefined;
  let noInput = false;
  while (words[0]?.startsWith('-')) {
    const option = words.shift() ?? '';
    if (VALUED.test(option)) words.shift();
    if (/^-t+$/.test(option)) terminal = true;
    else if (option === '-T') terminal = false;
    else if (option === '-n') noInput = true;
    else if (option === '-V') {
      main.err.put('OpenSSH_9.2p1 Debian-2+deb12u7, OpenSSL 3.0.17 1 Jul 2025\n');
      return 0;
    }
  }
  const [target, ...command] = words;
  if (target === undefined) {
    main.err.put('usage: ssh destination [command [argument ...]]\n');
    return 255;
  }
  const host = target.slice(target.indexOf('@') + 1);
  const addresses = yield* resolveHost(main.process, host);
  if ('failure' in addresses) {
    main.err.put(`ssh: Could not resolve hostname ${host}: Name or service not known\n`);
    return 255;
  }
  const wanted = terminal ?? command.length === 0;
  const status = yield* runRemote(main, addresses[0] ?? host, command.join(' '), {
    terminal: wanted,
    noInput,
  });
  if (command.length === 0 && main.process.isTerminal(0))
    main.err.put(`Connection to ${host} closed.\n`);
  yield* main.err.flush();
  return main.process.exit(status);
});

/** sshd(8), in the foreground as its unit runs it. */
export const sshd = program('sshd', (main) => serveRemote(main.process));

/** sudo(8) for root, who needs no leave: the command as it is, found along the path. */
export const sudo = program('sudo', function* (main) {
  const words = [...main.args];
  while (words[0]?.startsWith('-')) {
    const option = words.shift() ?? '';
    if (['-u', '-g', '-h', '-p'].includes(option))
      return yield* notSimulated(main, `sudo ${option}`);
  }
  const { process } = main;
  if (words.length === 0 || process.task.credentials.euid !== 0) {
    return yield* notSimulated(
      main,
      words.length === 0 ? 'sudo without a command' : 'sudo for users other than root',
    );
  }
  const [name = ''] = words;
  const folders = name.includes('/') ? [''] : SECURE_PATH.split(':').map((folder) => `${folder}/`);
  for (const folder of folders)
    process.exec(
      `${folder}${name}`,
      words,
      new Map([...process.environment, ['PATH', SECURE_PATH]]),
    );
  main.err.put(`sudo: ${name}: command not found\n`);
  return 1;
});
