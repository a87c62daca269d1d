// The docker commands on registries: push, login, logout, search.

import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Process } from '../../kernel/calls/process.ts';
import type { Termios } from '../../kernel/terminal/termios.ts';
import {
  familiarName,
  fullName,
  isReferenceError,
  parseReference,
  withDefaultTag,
} from '../../containers/images/reference.ts';
import { decodeBase64, encodeBase64 } from '../base64.ts';
import { goMap } from '../../userland/template/values.ts';
import { Api, isCallError } from './api.ts';
import type { Action, Call } from './command.ts';
import { configFile, readConfig, writeConfig } from './config-file.ts';
import { complain, ellipsis, fail, type ListView, printList } from './output.ts';

const apiOf = (call: Call): Api => new Api(call.main.process, call.host);
/** The key of Docker Hub's account in config.json. */
const HUB = 'https://index.docker.io/v1/';

/** The account that is kept for a registry, as the header that the daemon takes. */
export function* registryAuth(p: Process, domain: string): Routine<Record<string, string>> {
  const { auths = {} } = yield* readConfig(p);
  const { auth } = auths[domain === 'docker.io' ? HUB : domain] ?? {};
  if (auth === undefined) return {};
  const [username = '', ...rest] = decodeBase64(auth).split(':');
  const account = { username, password: rest.join(':'), serveraddress: domain };
  return { 'x-registry-auth': encodeBase64(JSON.stringify(account)) };
}

const push: Action = function* (call) {
  const { flags, args, main } = call;
  const parsed = parseReference(args[0] ?? '');
  if (isReferenceError(parsed)) return yield* fail(call, parsed);
  const all = flags.on('all-tags');
  const quiet = flags.on('quiet');
  if (all && (parsed.tag !== undefined || parsed.digest !== undefined))
    return yield* fail(call, "tag can't be used with --all-tags/-a");
  const full = all ? parsed : withDefaultTag(parsed);
  if (!all && parsed.tag === undefined && parsed.digest === undefined && !quiet)
    main.out.put('Using default tag: latest\n');
  const headers = yield* registryAuth(main.process, full.domain);
  let failure: string | undefined;
  const refused = yield* apiOf(call).lines(
    'POST',
    `/images/${familiarName(full)}/push`,
    { tag: full.tag },
    function* (line) {
      if (typeof line.error === 'string') failure = line.error;
      else if (!quiet && line.status !== 'Pushing') {
        const id = line.id === undefined ? '' : `${String(line.id)}: `;
        main.out.put(`${id}${String(line.status)}\n`);
        yield* main.out.flush();
      }
    },
    undefined,
    headers,
  );
  if (refused) return yield* fail(call, refused.text);
  if (failure !== undefined) return yield* fail(call, failure);
  if (quiet) main.out.put(`${fullName(full)}\n`);
  return 0;
};

const SUGGEST =
  "Log in with your Docker ID or email address to push and pull images from Docker Hub. If you don't have a Docker ID, head over to https://hub.docker.com/ to create one.\nYou can log in with your password or a Personal Access Token (PAT). Using a limited-scope PAT grants better security and is required for organizations using SSO. Learn more at https://docs.docker.com/go/access-tokens/\n\n";

function* ask(call: Call, prompt: string, echo: boolean): Routine<string> {
  const { main } = call;
  const { process: p } = main;
  main.out.put(prompt);
  yield* main.out.flush();
  const before = p.ioctl(0, 'TCGETS') as Termios;
  if (!echo) p.ioctl(0, 'TCSETS', { ...before, echo: false });
  const line = (yield* main.input.line()) ?? '';
  if (!echo) {
    p.ioctl(0, 'TCSETS', before);
    main.out.put('\n');
  }
  return line.trim();
}

interface Account {
  readonly username: string;
  readonly password: string;
}

function* accountOf(call: Call, hub: boolean): Routine<Account | string> {
  const { flags, main } = call;
  const { process: p } = main;
  let username = flags.text('username').trim();
  let password = flags.text('password');
  if (flags.given('username') && username === '') return 'username is empty';
  if (flags.given('password')) {
    yield* complain(
      main,
      'WARNING! Using --password via the CLI is insecure. Use --password-stdin.',
    );
    if (password === '') return 'password is empty';
    if (flags.on('password-stdin')) return '--password and --password-stdin are mutually exclusive';
  }
  if (flags.on('password-stdin')) {
    if (username === '') return 'the --password-stdin option requires --username to be set';
    const bytes = yield* p.readAll(0);
    password = isErrno(bytes) ? '' : decode(bytes).replace(/\r?\n$/, '');
  }
  if ((username === '' || password === '') && !p.isTerminal(0))
    return 'Error: Cannot perform an interactive login from a non TTY device';
  if (username === '') {
    if (hub) {
      yield* complain(
        main,
        'Failed to start web-based login - falling back to command line login...\n',
      );
      main.out.put(SUGGEST);
    }
    username = yield* ask(call, 'Username: ', true);
    if (username === '') return 'Error: Non-null Username Required';
  }
  if (password === '') password = yield* ask(call, 'Password: ', false);
  return password === '' ? 'Error: Password Required' : { username, password };
}

const login: Action = function* (call) {
  const { main, args, flags } = call;
  const { process: p } = main;
  const server = args[0] === undefined || args[0] === 'docker.io' ? HUB : args[0];
  const config = yield* readConfig(p);
  const key = server === HUB ? HUB : server.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  const stored = config.auths?.[key]?.auth;
  let account: Account | string | undefined;
  if (stored !== undefined && !flags.given('username') && !flags.given('password')) {
    const [username = '', ...rest] = decodeBase64(stored).split(':');
    yield* complain(
      main,
      `Authenticating with existing credentials... [Username: ${username}]\n\ni Info → To login with a different account, run 'docker logout' followed by 'docker login'\n\n`,
    );
    account = { username, password: rest.join(':') };
  } else account = yield* accountOf(call, server === HUB);
  if (typeof account === 'string') return yield* fail(call, account);
  const answer = yield* apiOf(call).post<{ Status: string }>(
    '/auth',
    {},
    {
      ...account,
      serveraddress: server,
    },
  );
  if (isCallError(answer)) return yield* fail(call, answer.text);
  const auth = encodeBase64(`${account.username}:${account.password}`);
  if (stored !== auth) {
    yield* writeConfig(p, { ...config, auths: { ...config.auths, [key]: { auth } } });
    yield* complain(
      main,
      `\nWARNING! Your credentials are stored unencrypted in '${configFile(p)}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n`,
    );
  }
  main.out.put(`${answer.Status}\n`);
  return 0;
};

const logout: Action = function* (call) {
  const { main, args } = call;
  const given = args[0];
  const key = given === undefined ? HUB : given.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  main.out.put(`Removing login credentials for ${key}\n`);
  const config = yield* readConfig(main.process);
  if (!config.auths?.[key]) return 0;
  const { [key]: _, ...auths } = config.auths;
  yield* writeConfig(main.process, { ...config, auths });
  return 0;
};

interface Found {
  readonly name: string;
  readonly description: string;
  readonly star_count: number;
  readonly is_official: boolean;
}

const SEARCH: ListView = {
  type: '*search.searchContext',
  headers: goMap({
    Name: 'NAME',
    Description: 'DESCRIPTION',
    StarCount: 'STARS',
    IsOfficial: 'OFFICIAL',
    IsAutomated: 'AUTOMATED',
  }),
  columns: ['Name', 'Description', 'StarCount', 'IsOfficial'],
};

const search: Action = function* (call) {
  const { flags, args } = call;
  const limit = flags.given('limit') ? flags.number('limit') : 25;
  if (limit < 1 || limit > 100)
    return yield* fail(
      call,
      `Error response from daemon: limit ${limit} is outside the range of [1, 100]`,
    );
  const found = yield* apiOf(call).get<Found[]>('/images/search', { term: args[0], limit });
  if (isCallError(found)) return yield* fail(call, found.text);
  const wanted = flags.list('filter').map((text) => text.split('='));
  const rows = found
    .filter((image) =>
      wanted.every(([key = '', value = '']) => {
        if (key === 'stars') return image.star_count >= Number(value);
        return key === 'is-official' ? image.is_official === (value === 'true') : true;
      }),
    )
    .map((image) => ({
      Name: image.name,
      Description: flags.on('no-trunc') ? image.description : ellipsis(image.description, 45),
      StarCount: String(image.star_count),
      IsOfficial: image.is_official ? '[OK]' : '',
      IsAutomated: '',
    }));
  return yield* printList(call, SEARCH, rows, { format: flags.text('format') });
};

export const registryActions: Readonly<Record<string, Action>> = {
  'image push': push,
  login,
  logout,
  search,
};
