// etcdctl member: add, remove, update, list, promote.

import type { Routine } from '../../core/wait.ts';
import type { ProgramRun } from '../../kernel/program.ts';
import type { Member, MembersResponse } from '../api.ts';
import type { Command, Invocation } from '../cobra/command.ts';
import { type Flag, goQuoted } from '../cobra/flags.ts';
import { ask, type Ctl, EXIT, fail, parseHex, startCtl } from './ctl.ts';
import { badPeerUrl } from './urls.ts';
import { drawTable, headerFields, say, show, shownMessage } from './show.ts';

const urlsFlag = (usage: string): Flag => ({ name: 'peer-urls', kind: 'string', value: '', usage });

const add: Command = {
  name: 'add',
  operands: '<memberName> [options]',
  short: 'Adds a member into the cluster',
  flags: [
    urlsFlag('comma separated peer URLs for the new member.'),
    {
      name: 'learner',
      kind: 'bool',
      value: 'false',
      usage: 'indicates if the new member is raft learner',
    },
  ],
  *run(invocation): ProgramRun {
    const { main, args, values } = invocation;
    const [name] = args;
    if (name === undefined) return yield* fail(main, EXIT.badArguments, 'member name not provided');
    if (args.length > 1) {
      const urls = args.filter((word) => word.toLowerCase().startsWith('http'));
      const hints = urls.map((url) => `, did you mean --peer-urls=${url}`).join('');
      return yield* fail(main, EXIT.badArguments, `too many arguments${hints}`);
    }
    const peerUrls = yield* peerUrlsOf(invocation);
    const ctl = yield* startCtl(invocation);
    const isLearner = values.is('learner');
    const answer = yield* ask(ctl, 'Cluster/MemberAdd', { peerUrls, isLearner });
    const id = answer.member?.id ?? 0n;
    const as = isLearner ? ' as learner ' : ' ';
    const cluster = shownId(answer.header.clusterId);
    const simple = (): string => `Member ${shownId(id)} added${as}to cluster ${cluster}\n`;
    yield* show(ctl, shownMessage(ctl, 'MembersResponse', answer, simple, null));
    if (ctl.format === 'simple')
      yield* say(ctl, settings(name, id, answer, values.text('peer-urls')));
    return 0;
  },
};

/** The environment that the new member is to be started with. */
function settings(name: string, id: bigint, answer: MembersResponse, urls: string): string {
  const cluster = answer.members.flatMap((member) =>
    member.peerUrls.map((url) => `${member.id === id ? name : member.name}=${url}`),
  );
  return [
    '',
    `ETCD_NAME=${goQuoted(name)}`,
    `ETCD_INITIAL_CLUSTER=${goQuoted(cluster.join(','))}`,
    `ETCD_INITIAL_ADVERTISE_PEER_URLS=${goQuoted(urls)}`,
    'ETCD_INITIAL_CLUSTER_STATE="existing"',
    '',
  ].join('\n');
}

const remove: Command = {
  name: 'remove',
  operands: '<memberID>',
  short: 'Removes a member from the cluster',
  *run(invocation): ProgramRun {
    const id = yield* memberArgument(invocation);
    const ctl = yield* startCtl(invocation);
    const answer = yield* ask(ctl, 'Cluster/MemberRemove', { id });
    yield* showDone(ctl, answer, `Member ${shownId(id)} removed from cluster`);
    return 0;
  },
};

const update: Command = {
  name: 'update',
  operands: '<memberID> [options]',
  short: 'Updates a member in the cluster',
  flags: [urlsFlag('comma separated peer URLs for the updated member.')],
  *run(invocation): ProgramRun {
    const id = yield* memberArgument(invocation);
    const peerUrls = yield* peerUrlsOf(invocation);
    const ctl = yield* startCtl(invocation);
    const answer = yield* ask(ctl, 'Cluster/MemberUpdate', { id, peerUrls });
    yield* showDone(ctl, answer, `Member ${shownId(id)} updated in cluster`);
    return 0;
  },
};

const promote: Command = {
  name: 'promote',
  operands: '<memberID>',
  short: 'Promotes a non-voting member in the cluster',
  long: 'Promotes a non-voting learner member to a voting one in the cluster.',
  *run(invocation): ProgramRun {
    const id = yield* memberArgument(invocation);
    const ctl = yield* startCtl(invocation);
    const answer = yield* ask(ctl, 'Cluster/MemberPromote', { id });
    yield* showDone(ctl, answer, `Member ${shownId(id)} promoted in cluster`);
    return 0;
  },
};

const list: Command = {
  name: 'list',
  short: 'Lists all members in the cluster',
  long: `When --write-out is set to simple, this command prints out comma-separated member lists for each endpoint.
The items in the lists are ID, Status, Name, Peer Addrs, Client Addrs, Is Learner.`,
  flags: [
    {
      name: 'consistency',
      kind: 'string',
      value: 'l',
      usage: 'Linearizable(l) or Serializable(s)',
    },
  ],
  *run(invocation): ProgramRun {
    const consistency = invocation.values.text('consistency');
    if (consistency !== 'l' && consistency !== 's') {
      const text = `unknown consistency flag ${goQuoted(consistency)}`;
      return yield* fail(invocation.main, EXIT.badFeature, text);
    }
    const ctl = yield* startCtl(invocation);
    const answer = yield* ask(ctl, 'Cluster/MemberList', { linearizable: consistency === 'l' });
    const rows = answer.members.map(memberRow);
    const shown = shownMessage(
      ctl,
      'MembersResponse',
      answer,
      () => rows.map((row) => `${row.join(', ')}\n`).join(''),
      () =>
        headerFields(ctl, answer.header) + answer.members.map((one) => fieldsOf(ctl, one)).join(''),
    );
    const table = (): string => drawTable(HEADINGS, rows);
    const json = ctl.hex ? () => hexJson(answer) : shown.json;
    yield* show(ctl, { ...shown, table, json });
    return 0;
  },
};

const HEADINGS = ['ID', 'Status', 'Name', 'Peer Addrs', 'Client Addrs', 'Is Learner'];

function memberRow(member: Member): string[] {
  return [
    shownId(member.id),
    member.name === '' ? 'unstarted' : 'started',
    member.name,
    member.peerUrls.join(','),
    member.clientUrls.join(','),
    String(member.isLearner),
  ];
}

function fieldsOf(ctl: Ctl, member: Member): string {
  const id = ctl.hex ? shownId(member.id) : member.id.toString();
  const peers = member.peerUrls.map((url) => `"PeerURL" : ${goQuoted(url)}\n`).join('');
  const clients = member.clientUrls.map((url) => `"ClientURL" : ${goQuoted(url)}\n`).join('');
  return `"ID" : ${id}\n"Name" : ${goQuoted(member.name)}\n${peers}${clients}"IsLearner" : ${member.isLearner}\n\n`;
}

/** With --hex the ids of the list, and only they, become strings. */
function hexJson({ header, members }: MembersResponse): object & { [name: string]: never } {
  return {
    header: {
      cluster_id: shownId(header.clusterId),
      member_id: shownId(header.memberId),
      raft_term: header.raftTerm,
    },
    members: members.map((member) => ({
      ID: shownId(member.id),
      name: member.name,
      peerURLs: member.peerUrls,
      clientURLs: member.clientUrls,
    })),
  } as never;
}

const shownId = (id: bigint): string => id.toString(16);

function* showDone(ctl: Ctl, answer: MembersResponse, text: string): Routine<void> {
  const simple = (): string => `${text} ${shownId(answer.header.clusterId)}\n`;
  yield* show(ctl, shownMessage(ctl, 'MembersResponse', answer, simple, null));
}

function* memberArgument({ main, args }: Invocation): Routine<bigint> {
  if (args.length !== 1) return yield* fail(main, EXIT.badArguments, 'member ID is not provided');
  const id = parseHex(args[0] ?? '', 'ParseUint');
  if (typeof id !== 'string') return id;
  return yield* fail(main, EXIT.badArguments, `bad member ID arg (${id}), expecting ID in Hex`);
}

function* peerUrlsOf({ main, values }: Invocation): Routine<string[]> {
  const urls = values.text('peer-urls');
  if (urls === '') return yield* fail(main, EXIT.badArguments, 'member peer urls not provided');
  const list = urls.split(',');
  const bad = badPeerUrl(list);
  return bad === undefined ? list : yield* fail(main, EXIT.error, bad);
}

export const memberCommand: Command = {
  name: 'member',
  operands: '<subcommand>',
  short: 'Membership related commands',
  commands: [add, remove, update, list, promote],
};
