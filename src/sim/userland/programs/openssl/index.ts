// openssl(1) 3.0: certificates, requests and keys by their facts (see userland/tls). Left out: ciphers, s_client and
// s_server, ca, pkcs12, encrypted keys; each is said.

import type { ProgramRun } from '../../../kernel/program.ts';
import { type Main, notSimulated, program } from '../../libc/stdio.ts';
import type { ProgramFamily } from '../index.ts';
import { NotDone } from './arguments.ts';
import { digests } from './digests.ts';
import { Refusal } from './files.ts';
import { convertKey, dgst, genpkey, genrsa, rand } from './keys.ts';
import { req } from './req.ts';
import { verifyCommand } from './verify.ts';
import { x509 } from './x509.ts';

type Command = (main: Main, words: readonly string[]) => ProgramRun;

const VERSION = 'OpenSSL 3.0.17 1 Jul 2025 (Library: OpenSSL 3.0.17 1 Jul 2025)\n';

function* version(main: Main, words: readonly string[]): ProgramRun {
  if (words.length > 0) throw new NotDone(words[0] ?? '');
  yield* main.out.print(VERSION);
  return 0;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  dgst,
  genpkey,
  genrsa,
  pkey: (main, words) => convertKey(main, 'pkey', words),
  rand,
  req,
  rsa: (main, words) => convertKey(main, 'rsa', words),
  verify: verifyCommand,
  version,
  x509,
};

/** Real commands that are not simulated. */
const MISSING = new Set([
  'asn1parse',
  'ca',
  'ciphers',
  'cms',
  'crl',
  'crl2pkcs7',
  'dhparam',
  'dsa',
  'dsaparam',
  'ec',
  'ecparam',
  'enc',
  'engine',
  'errstr',
  'fipsinstall',
  'gendsa',
  'help',
  'info',
  'kdf',
  'list',
  'mac',
  'nseq',
  'ocsp',
  'passwd',
  'pkcs12',
  'pkcs7',
  'pkcs8',
  'pkeyparam',
  'pkeyutl',
  'prime',
  'rehash',
  'rsautl',
  's_client',
  's_server',
  's_time',
  'sess_id',
  'smime',
  'speed',
  'spkac',
  'srp',
  'storeutl',
  'ts',
  'base64',
]);

const openssl = program('openssl', function* (main) {
  const [name, ...words] = main.args;
  const hash = name !== undefined && name in digests ? name : undefined;
  const command: Command | undefined = hash
    ? (given, rest) => dgst(given, rest, hash)
    : COMMANDS[name ?? ''];
  if (name === undefined || MISSING.has(name)) {
    return yield* notSimulated(
      main,
      name === undefined ? 'openssl without a command' : `openssl ${name}`,
    );
  }
  if (!command) {
    main.err.put(`Invalid command '${name}'; type "help" for a list.\n`);
    return 1;
  }
  try {
    return yield* command(main, words);
  } catch (thrown) {
    if (thrown instanceof NotDone)
      return yield* notSimulated(main, `openssl ${name} -${thrown.option}`);
    if (!(thrown instanceof Refusal)) throw thrown;
    yield* main.out.flush();
    main.err.put(`${thrown.text}\n`);
    return 1;
  }
});

export const opensslFamily: ProgramFamily = { name: 'openssl', programs: [openssl] };
