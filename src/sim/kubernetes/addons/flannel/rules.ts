// The rules that flanneld keeps in iptables: pods' packets that leave the network are masqueraded, those within pass.

import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { spawn, waitFor } from '../../../userland/libc/spawn.ts';

const MASQUERADED = ['-m', 'comment', '--comment', 'flanneld masq'];
const FORWARDED = ['-m', 'comment', '--comment', 'flanneld forward'];

/** Runs iptables; true where it had nothing to complain about. */
export function* iptables(process: Process, words: readonly string[]): Routine<boolean> {
  const pid = spawn(process, ['iptables', '-w', ...words], {
    prepare(child) {
      const fd = child.open('/dev/null', 1);
      if (!isErrno(fd)) child.dup2(fd, 2);
    },
  });
  if (isErrno(pid)) return false;
  return (yield* waitFor(process, pid)).code === 0;
}

/** A chain of flannel's own, reached from one of the kernel's. */
function* chain(
  process: Process,
  table: string,
  from: string,
  name: string,
  comment: readonly string[],
  rules: readonly (readonly string[])[],
): Routine<void> {
  const jump = [from, ...comment, '-j', name];
  if (!(yield* iptables(process, ['-t', table, '-N', name])))
    yield* iptables(process, ['-t', table, '-F', name]);
  if (!(yield* iptables(process, ['-t', table, '-C', ...jump])))
    yield* iptables(process, ['-t', table, '-A', ...jump]);
  for (const rule of rules) yield* iptables(process, ['-t', table, '-A', name, ...rule]);
}

/** Puts all of them in place. */
export function* installRules(
  process: Process,
  network: string,
  subnet: string,
  masquerades: boolean,
): Routine<void> {
  if (masquerades) {
    const random = ['-j', 'MASQUERADE', '--random-fully'];
    yield* chain(process, 'nat', 'POSTROUTING', 'FLANNEL-POSTRTG', MASQUERADED, [
      ['-m', 'mark', '--mark', '0x4000/0x4000', ...MASQUERADED, '-j', 'RETURN'],
      ['-s', subnet, '-d', network, ...MASQUERADED, '-j', 'RETURN'],
      ['-s', network, '-d', subnet, ...MASQUERADED, '-j', 'RETURN'],
      ['!', '-s', network, '-d', subnet, ...MASQUERADED, '-j', 'RETURN'],
      ['-s', network, '!', '-d', '224.0.0.0/4', ...MASQUERADED, ...random],
      ['!', '-s', network, '-d', network, ...MASQUERADED, ...random],
    ]);
  }
  yield* chain(process, 'filter', 'FORWARD', 'FLANNEL-FWD', FORWARDED, [
    ['-s', network, ...FORWARDED, '-j', 'ACCEPT'],
    ['-d', network, ...FORWARDED, '-j', 'ACCEPT'],
  ]);
}
