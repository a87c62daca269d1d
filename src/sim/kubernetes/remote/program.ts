// ssh(1) between the machines of a lab: `ssh NODE COMMAND`, as root, without keys.

import { notSimulated, program } from '../../userland/libc/stdio.ts';
import { resolveHost } from '../../userland/libc/resolver.ts';
import type { ProgramFamily } from '../../userland/programs/index.ts';
import { runRemote } from './ssh.ts';

const SECURE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const ssh = program('ssh', function* (main) {
  const words = [...main.args];
  while (words[0]?.startsWith('-')) {
    const option = words.shift() ?? '';
    if (/^-[bcDEeFIiJLlmOopQRSWw]$/.test(option)) words.shift();
  }
  const [target, ...command] = words;
  if (target === undefined) {
    main.err.put('usage: ssh destination [command [argument ...]]\n');
    return 255;
  }
  if (command.length === 0) return yield* notSimulated(main, 'ssh without a command');
  const host = target.slice(target.indexOf('@') + 1);
  const addresses = yield* resolveHost(main.process, host);
  if ('failure' in addresses) {
    main.err.put(`ssh: Could not resolve hostname ${host}: Name or service not known\n`);
    return 255;
  }
  return yield* runRemote(main, addresses[0] ?? host, command.join(' '));
});

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

/** The programs by which machines reach one another. */
export const remotePrograms: ProgramFamily = { name: 'ssh', programs: [ssh, sudo] };
