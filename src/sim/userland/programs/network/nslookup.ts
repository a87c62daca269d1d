// nslookup: BIND 9.18's, and busybox's under that name. Left out: its interactive mode.

import type { ProgramRun } from '../../../kernel/program.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { askServer } from '../../dns/lookup.ts';
import type { DnsRecord, DnsType } from '../../dns/message.ts';
import { candidates, resolverSettings } from '../../libc/resolver.ts';
import { type Main, program } from '../../libc/stdio.ts';
import { reverseName, serversFor, TIMEOUT, typeOf } from './dns-tools.ts';

/** Runs nslookup; `busybox` in that tool's way. */
export function* runNslookup(main: Main, args: readonly string[], busybox: boolean): ProgramRun {
  const words = args.filter((word) => !word.startsWith('-'));
  const typed = args
    .map((word) => /^-(?:type|query|q|querytype)=(.*)$/.exec(word)?.[1])
    .find((word) => word !== undefined);
  const [name, given] = words;
  if (name === undefined) {
    main.err.put(
      busybox
        ? 'BusyBox v1.36.1 multi-call binary.\n\nUsage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n'
        : '',
    );
    return 1;
  }
  const settings = yield* resolverSettings(main.process);
  const found = yield* serversFor(main, given, settings.servers);
  if (typeof found === 'string') {
    main.out.put(
      busybox
        ? `nslookup: can't resolve '${given}'\n`
        : `nslookup: couldn't get address for '${given}': not found\n`,
    );
    return 1;
  }
  const server = found[0] ?? '127.0.0.1';
  const type = typed === undefined ? undefined : typeOf(typed);
  return busybox
    ? yield* busyboxLookup(main, name, server, type, settings)
    : yield* bindLookup(main, name, server, type, settings);
}

export const nslookup = program('nslookup', (main) => runNslookup(main, main.args, false));

type Settings = Parameters<typeof candidates>[1];

function* bindLookup(
  main: Main,
  name: string,
  server: string,
  type: DnsType | undefined,
  settings: Settings,
): ProgramRun {
  const reverse = /^[\d.]+$/.test(name);
  const names = reverse ? [reverseName(name)] : candidates(name, settings);
  const types: readonly DnsType[] = type ? [type] : reverse ? ['PTR'] : ['A', 'AAAA'];
  let code = 'NXDOMAIN';
  let found = false;
  for (const candidate of names) {
    for (const one of types) {
      const answer = yield* askServer(
        main.process,
        { address: server, port: 53 },
        candidate,
        one,
        TIMEOUT,
      );
      if (isErrno(answer)) {
        main.out.put(
          `;; communications error to ${server}#53: ${answer.name === 'EAGAIN' ? 'timed out' : answer.message.toLowerCase()}\n;; no servers could be reached\n\n`,
        );
        return 1;
      }
      code = answer.code;
      if (!answer.recursionAvailable)
        main.out.put(`;; Got recursion not available from ${server}\n`);
      if (code === 'NXDOMAIN') break;
      const header: boolean = !found && answer.answers.length > 0;
      if (header && !reverse) main.out.put(`Server:\t\t${server}\nAddress:\t${server}#53\n\n`);
      if (header && !reverse && !answer.authoritative) main.out.put('Non-authoritative answer:\n');
      found ||= header;
      for (const record of answer.answers) main.out.put(bindLine(record));
    }
    if (found) break;
  }
  if (found) {
    main.out.put('\n');
    return 0;
  }
  if (!reverse) main.out.put(`Server:\t\t${server}\nAddress:\t${server}#53\n\n`);
  main.out.put(
    code === 'NOERROR'
      ? `*** Can't find ${name}: No answer\n\n`
      : `** server can't find ${names.at(-1)?.replace(/\.$/, '')}: ${code}\n\n`,
  );
  return code === 'NOERROR' ? 0 : 1;
}

function bindLine(record: DnsRecord): string {
  const name = record.name.replace(/\.$/, '');
  if (record.type === 'A' || record.type === 'AAAA')
    return `Name:\t${name}\nAddress: ${record.data}\n`;
  if (record.type === 'CNAME') return `${name}\tcanonical name = ${record.data}\n`;
  if (record.type === 'PTR') return `${name}\tname = ${record.data}\n`;
  if (record.type === 'SRV') return `${name}\tservice = ${record.data}\n`;
  return `${name}\ttext = ${record.data}\n`;
}

function* busyboxLookup(
  main: Main,
  name: string,
  server: string,
  type: DnsType | undefined,
  settings: Settings,
): ProgramRun {
  const reverse = /^[\d.]+$/.test(name);
  main.out.put(`Server:\t\t${server}\nAddress:\t${server}:53\n\n`);
  const types: readonly DnsType[] = type ? [type] : reverse ? ['PTR'] : ['A', 'AAAA'];
  const dotted = name.includes('.') || settings.search.length === 0;
  const asked = reverse
    ? reverseName(name)
    : dotted
      ? `${name.replace(/\.$/, '')}.`
      : `${name}.${settings.search[0]}.`;
  let status = 0;
  for (const one of types) {
    const answer = yield* askServer(
      main.process,
      { address: server, port: 53 },
      asked,
      one,
      TIMEOUT,
    );
    if (isErrno(answer)) {
      main.out.put(
        answer.name === 'EAGAIN'
          ? ';; connection timed out; no servers could be reached\n\n'
          : `nslookup: write to '${server}': ${answer.message}\n;; connection timed out; no servers could be reached\n\n`,
      );
      return 1;
    }
    if (answer.code !== 'NOERROR') {
      main.out.put(`** server can't find ${asked.replace(/\.$/, '')}: ${answer.code}\n\n`);
      status = 1;
      continue;
    }
    if (!answer.authoritative && answer.answers.length > 0)
      main.out.put('Non-authoritative answer:\n');
    for (const record of answer.answers) main.out.put(bindLine(record));
    main.out.put('\n');
  }
  return status;
}
