// kubectl auth: can-i, whoami; reconcile has its own file.

import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { findResource } from '../discovery.ts';
import { Failure } from '../failure.ts';
import { printerOf } from '../output/printers.ts';
import { TABLE, tabulate } from '../output/tabwriter.ts';
import { compactRules, type PolicyRule, resourcesText } from '../policy-rules.ts';
import { reconcile } from './reconcile.ts';

const VERBS = new Set([
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'use',
  'bind',
  'impersonate',
  '*',
  'approve',
  'sign',
  'escalate',
  'attest',
  'head',
  'put',
  'post',
]);
const ROOT = '/apis/authorization.k8s.io/v1';

function* canI(call: Call): Routine<number> {
  const { values, args } = call;
  const client = yield* call.client();
  const namespace = values.is('all-namespaces') ? '' : yield* call.namespace();
  if (values.is('list')) return yield* listRules(call, namespace);
  const [verb = '', what] = args;
  if (what === undefined || args.length > 3) {
    throw new Failure(
      "error: you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    );
  }
  if (!VERBS.has(verb)) yield* call.err(`Warning: verb '${verb}' is not a known verb\n\n`);
  let attributes: object;
  if (what.startsWith('/')) attributes = { nonResourceAttributes: { path: what, verb } };
  else {
    const [word = '', name = ''] = what.split('/');
    const found = word === '*' ? undefined : findResource(yield* call.discovery(), word);
    if (!found && word !== '*')
      yield* call.err(`Warning: the server doesn't have a resource type '${word}'\n\n`);
    if (found && !found.namespaced && !values.is('all-namespaces'))
      yield* call.err(
        `Warning: resource '${found.plural}' is not namespace scoped${found.group === '' ? '' : ` in group '${found.group}'`}\n\n`,
      );
    const subresource = values.text('subresource');
    attributes = {
      resourceAttributes: {
        verb,
        resource: found?.plural ?? word,
        group: word === '*' ? '*' : (found?.group ?? ''),
        namespace: found && !found.namespaced ? '' : namespace,
        ...(subresource ? { subresource } : {}),
        ...(name ? { name } : {}),
      },
    };
  }
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: attributes,
  };
  const { status } = yield* client.call('POST', `${ROOT}/selfsubjectaccessreviews`, { body });
  const { allowed, reason, evaluationError } = status as {
    allowed: boolean;
    reason?: string;
    evaluationError?: string;
  };
  if (!values.is('quiet')) {
    const why = allowed || !reason ? '' : ` - ${reason}`;
    yield* call.out(
      `${allowed ? 'yes' : 'no'}${why}${evaluationError ? ` - ${evaluationError}` : ''}\n`,
    );
  }
  return allowed ? 0 : 1;
}

function* listRules(call: Call, namespace: string): Routine<number> {
  const client = yield* call.client();
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace },
  };
  const { status } = yield* client.call('POST', `${ROOT}/selfsubjectrulesreviews`, { body });
  const {
    resourceRules = [],
    nonResourceRules = [],
    incomplete,
    evaluationError,
  } = status as {
    resourceRules?: PolicyRule[];
    nonResourceRules?: PolicyRule[];
    incomplete?: boolean;
    evaluationError?: string;
  };
  if (incomplete)
    yield* call.err(`Warning: the list may be incomplete: ${evaluationError ?? ''}\n`);
  const lines = compactRules([...resourceRules, ...nonResourceRules]).map(
    (rule) =>
      `${resourcesText(rule)}\t[${(rule.nonResourceURLs ?? []).join(' ')}]\t[${(rule.resourceNames ?? []).join(' ')}]\t[${rule.verbs.join(' ')}]\n`,
  );
  const head = call.values.is('no-headers')
    ? ''
    : 'Resources\tNon-Resource URLs\tResource Names\tVerbs\n';
  yield* call.out(tabulate(head + lines.join(''), TABLE));
  return 0;
}

function* whoami(call: Call): Routine<void> {
  const client = yield* call.client();
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const review = yield* client.call('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    body,
  });
  const printer = yield* printerOf(call, { structs: true });
  if (printer) {
    yield* call.out(printer.print(review));
    return;
  }
  const { userInfo } = review.status as {
    userInfo: {
      username?: string;
      uid?: string;
      groups?: string[];
      extra?: Record<string, string[]>;
    };
  };
  const rows = [
    ['ATTRIBUTE', 'VALUE'],
    ['Username', userInfo.username ?? ''],
  ];
  if (userInfo.uid) rows.push(['UID', userInfo.uid]);
  if (userInfo.groups?.length) rows.push(['Groups', `[${userInfo.groups.join(' ')}]`]);
  for (const key of Object.keys(userInfo.extra ?? {}).sort())
    rows.push([`Extra: ${key}`, `[${(userInfo.extra?.[key] ?? []).join(' ')}]`]);
  yield* call.out(tabulate(rows.map((row) => `${row.join('\t')}\n`).join(''), TABLE));
}

export const auth: Command = {
  name: 'auth',
  commands: [
    {
      name: 'can-i',
      run: canI,
    },
    { name: 'reconcile', run: reconcile },
    {
      name: 'whoami',
      run: whoami,
    },
  ],
};
