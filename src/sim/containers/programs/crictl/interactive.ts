// crictl exec, attach and logs.

import { decode } from '../../../core/text.ts';
import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Termios } from '../../../kernel/terminal/termios.ts';
import { openStream, standardEnds } from '../../cri/client.ts';
import { exitCodeIn, openRemoteStreams, relayRemote } from '../../cri/remote-command.ts';
import type { ContainerStatus } from '../../cri/types.ts';
import { isRpcError } from '../../rpc.ts';
import { rawMode } from '../../runc/console.ts';
import type { CliCall } from '../cli.ts';
import { cri, failRpc, fatal } from './app.ts';

export function* execInContainer(call: CliCall): Routine<number> {
  const [id, ...cmd] = call.args;
  const { flags, main } = call;
  if (id === undefined || cmd.length === 0) {
    yield* call.help();
    return 0;
  }
  const failed = 'execing command in container: ';
  if (flags.on('sync')) {
    const reply = yield* cri<{ stdout: Uint8Array; stderr: Uint8Array; exitCode: number }>(
      call,
      'RuntimeService/ExecSync',
      {
        containerId: id,
        cmd,
        timeout: flags.number('timeout'),
      },
    );
    if (isRpcError(reply)) return yield* failRpc(call, reply, `${failed}`);
    main.out.put(`${decode(reply.stdout)}\n`);
    main.out.put(`${decode(reply.stderr)}\n`);
    yield* main.out.flush();
    return reply.exitCode === 0
      ? 0
      : yield* fatal(main, `${failed}command terminated with exit code ${reply.exitCode}`);
  }
  const tty = flags.on('tty');
  const stdin = flags.on('interactive');
  const reply = yield* cri<{ url: string }>(call, 'RuntimeService/Exec', {
    containerId: id,
    cmd,
    tty,
    stdin,
    stdout: true,
    stderr: !tty,
  });
  if (isRpcError(reply)) return yield* failRpc(call, reply, failed);
  return yield* takeUp(call, reply.url, { tty, stdin, failed });
}

export function* takeUp(
  call: CliCall,
  url: string,
  how: { tty: boolean; stdin: boolean; failed: string },
): Routine<number> {
  const { process: p } = call.main;
  const connection = yield* openStream(p, url);
  if (typeof connection === 'string') return yield* fatal(call.main, `${how.failed}${connection}`);
  const before = how.tty && p.isTerminal(0) ? (p.ioctl(0, 'TCGETS') as Termios) : undefined;
  if (before) p.ioctl(0, 'TCSETS', rawMode(before));
  const options = { stdin: how.stdin, stdout: true, stderr: !how.tty, tty: how.tty };
  const { session, streams } = yield* openRemoteStreams(p, connection, options);
  const status = yield* relayRemote(p, streams, standardEnds(p, how.tty));
  session.close();
  if (before) p.ioctl(0, 'TCSETS', before);
  if (!status || status.status === 'Success') return 0;
  const code = exitCodeIn(status);
  const text =
    code === undefined ? `${status.message}` : `command terminated with exit code ${code}`;
  return yield* fatal(call.main, `${how.failed}${text}`);
}

export function* attach(call: CliCall): Routine<number> {
  const [id] = call.args;
  if (id === undefined) {
    yield* call.help();
    return 0;
  }
  const stdin = call.flags.on('stdin');
  const tty = call.flags.on('tty');
  const reply = yield* cri<{ url: string }>(call, 'RuntimeService/Attach', {
    containerId: id,
    stdin,
    tty,
    stdout: true,
    stderr: !tty,
  });
  if (isRpcError(reply)) return yield* failRpc(call, reply, `attaching running container failed: `);
  return yield* takeUp(call, reply.url, {
    tty,
    stdin,
    failed: 'attaching running container failed: ',
  });
}

export function* logs(call: CliCall): Routine<number> {
  const [id] = call.args;
  const { flags, main } = call;
  if (id === undefined) {
    yield* call.help();
    return 0;
  }
  const reply = yield* cri<{ status: ContainerStatus }>(call, 'RuntimeService/ContainerStatus', {
    containerId: id,
  });
  if (isRpcError(reply)) return yield* failRpc(call, reply, '');
  const { logPath } = reply.status;
  if (logPath === '') return yield* fatal(main, 'the container has not set log path');
  const fd = main.process.open(logPath);
  if (isErrno(fd))
    return yield* fatal(
      main,
      `failed to try resolving symlinks in path "${logPath}": lstat ${logPath}: no such file or directory`,
    );
  const tail = flags.given('tail') ? flags.number('tail') : -1;
  let first = true;
  let rest = '';
  for (;;) {
    const bytes = yield* main.process.read(fd, 65_536);
    if (isErrno(bytes)) return 1;
    if (bytes.length === 0) {
      if (!flags.on('follow')) break;
      const now = yield* cri<{ status: ContainerStatus }>(call, 'RuntimeService/ContainerStatus', {
        containerId: id,
      });
      if (isRpcError(now) || now.status.state !== 'CONTAINER_RUNNING') break;
      yield* main.process.sleep(SECOND / 10);
      continue;
    }
    const lines = (rest + decode(bytes)).split('\n');
    rest = lines.pop() ?? '';
    const shown = first && tail >= 0 ? lines.slice(Math.max(0, lines.length - tail)) : lines;
    first = false;
    for (const line of shown) yield* printLogLine(call, line);
  }
  return 0;
}

export function* printLogLine(call: CliCall, line: string): Routine<void> {
  const match = /^(\S+) (stdout|stderr) ([FP]) (.*)$/s.exec(line);
  if (!match) return;
  const [, time = '', stream = '', tag = '', text = ''] = match;
  const writer = stream === 'stderr' ? call.main.err : call.main.out;
  const before = call.flags.on('timestamps') ? `${time} ` : '';
  writer.put(`${before}${text}${tag === 'F' ? '\n' : ''}`);
  yield* writer.flush();
}
