// hostname and its other names domainname, nisdomainname, ypdomainname, dnsdomainname (Debian's hostname 3.23).

import type { Routine } from '../../../core/wait.ts';
import { type Errno, isErrno } from '../../../kernel/errno.ts';
import { formatIp } from '../../../kernel/network/address.ts';
import { canonicalName, hostsFile, resolveAddress } from '../../libc/resolver.ts';
import { type Command, gnu, type GnuProgram, openOperand } from './gnu.ts';

const USAGE = `Usage: hostname [-b] {hostname|-F file}         set host name (from file)
       hostname [-a|-A|-d|-f|-i|-I|-s|-y]       display formatted name
       hostname                                 display host name

       {yp,nis,}domainname {nisdomain|-F file}  set NIS domain name (from file)
       {yp,nis,}domainname                      display NIS domain name

       dnsdomainname                            display dns domain name

       hostname -V|--version|-h|--help          print info and exit

Program name:
       {yp,nis,}domainname=hostname -y
       dnsdomainname=hostname -d

Program options:
    -a, --alias            alias names
    -A, --all-fqdns        all long host names (FQDNs)
    -b, --boot             set default hostname if none available
    -d, --domain           DNS domain name
    -f, --fqdn, --long     long host name (FQDN)
    -F, --file             read host name or NIS domain name from given file
    -i, --ip-address       addresses for the host name
    -I, --all-ip-addresses all addresses for the host
    -s, --short            short host name
    -y, --yp, --nis        NIS/YP domain name

Description:
   This command can get or set the host name or the NIS domain name. You can
   also get the DNS domain or the FQDN (fully qualified domain name).
   Unless you are using bind or NIS for host lookups you can change the
   FQDN (Fully Qualified Domain Name) and the DNS domain name (which is
   part of the FQDN) in the /etc/hosts file.
`;

/** Addresses of all links but the loopback one, in order. */
function ownAddresses({ process }: Command): string[] {
  return process.network.linksByIndex
    .filter((link) => link.kind !== 'loopback' && link.up)
    .flatMap((link) => link.addresses.map(({ address }) => formatIp(address)));
}

function* domainOf(command: Command): Routine<string> {
  const full = yield* canonicalName(command.process);
  return full.includes('.') ? `${full.slice(full.indexOf('.') + 1)}\n` : '';
}

/** What is asked for; undefined where there is nothing to say and that is an error. */
function* shown(command: Command, name: string): Routine<string | undefined> {
  const { process, options } = command;
  if (options.has('i')) return `${(yield* hostsFile(process, process.hostname))[0] ?? ''}\n`;
  if (options.has('I'))
    return `${ownAddresses(command)
      .map((ip) => `${ip} `)
      .join('')}\n`;
  if (options.has('A')) {
    const names: string[] = [];
    for (const address of ownAddresses(command)) {
      const found = yield* resolveAddress(process, address);
      if (found !== undefined) names.push(`${found} `);
    }
    return `${names.join('')}\n`;
  }
  if (options.has('a')) return '\n';
  if (options.has('d') || name === 'dnsdomainname') return yield* domainOf(command);
  if (options.has('f')) return `${yield* canonicalName(process)}\n`;
  if (options.has('s')) return `${process.hostname.split('.')[0] ?? ''}\n`;
  if (!options.has('y') && name === 'hostname') return `${process.hostname}\n`;
  const { domainname } = process.task.namespaces.uts;
  if (domainname !== '(none)') return `${domainname}\n`;
  yield* command.fail('Local domain name not set');
  return undefined;
}

function* refused(command: Command, failure: Errno, what: string): Routine<number> {
  if (command.dialect) yield* command.fail(`sethostname: ${failure.message}`);
  else
    yield* command.fail(
      failure.name === 'EPERM'
        ? `you must be root to change the ${what} name`
        : failure.name === 'EINVAL'
          ? 'name too long'
          : failure.message,
    );
  return 1;
}

/** The first line of a file that is neither empty nor a comment. */
function* nameIn(command: Command, file: string): Routine<string | Errno> {
  const reader = openOperand(command, file);
  if (isErrno(reader)) return reader;
  for (let line = yield* reader.line(); line !== undefined; line = yield* reader.line()) {
    const name = line.trim();
    if (name !== '' && !name.startsWith('#')) return name;
  }
  return '';
}

function* run(command: Command, program: string): Routine<number> {
  const { process, options, operands, out } = command;
  const file = options.value('file');
  let name = operands[0];
  if (file !== undefined) {
    const found = yield* nameIn(command, file);
    if (isErrno(found)) {
      yield* command.fail(command.dialect ? `can't open '${file}'` : found.message);
      return 1;
    }
    name = found;
  }
  if (options.has('b') && name === undefined) name = process.hostname || 'localhost';
  if (name === undefined || program === 'dnsdomainname') {
    const text = yield* shown(command, program);
    if (text !== undefined) yield* out.print(text);
    return text === undefined ? 1 : 0;
  }
  if (options.has('y') || program !== 'hostname') {
    const failure = process.setDomainName(name);
    return failure ? yield* refused(command, failure, 'domain') : 0;
  }
  if (name.length <= 64 && !/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name)) {
    yield* command.fail('the specified hostname is invalid');
    return 1;
  }
  const failure = process.setHostname(name);
  return failure ? yield* refused(command, failure, 'host') : 0;
}

function named(name: string): GnuProgram {
  return gnu(
    {
      name,
      usage: ['[-b] {hostname|-F file}', '[-a|-A|-d|-f|-i|-I|-s|-y]'],
      version: '3.23',
      usageStatus: 255,
      usageText: USAGE,
      options: [
        { key: 's', short: 's', long: 'short' },
        { key: 'f', short: 'f', long: 'fqdn long' },
        { key: 'd', short: 'd', long: 'domain' },
        { key: 'b', short: 'b', long: 'boot' },
        { key: 'i', short: 'i', long: 'ip-address' },
        { key: 'I', short: 'I', long: 'all-ip-addresses' },
        { key: 'a', short: 'a', long: 'alias' },
        { key: 'A', short: 'A', long: 'all-fqdns' },
        { key: 'y', short: 'y', long: 'yp nis' },
        { key: 'file', short: 'F', long: 'file', argument: 'required' },
      ],
    },
    (command) => run(command, name),
  );
}

export const hostname = named('hostname');
export const domainname = named('domainname');
export const nisdomainname = named('nisdomainname');
export const ypdomainname = named('ypdomainname');
export const dnsdomainname = named('dnsdomainname');
