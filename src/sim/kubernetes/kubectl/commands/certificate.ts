// kubectl certificate approve and deny: a condition on a signing request.

import { epochMilliseconds } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import { fullName, pathOf } from '../discovery.ts';
import { resultPrinter } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import { throwAll } from '../manifests.ts';
import { hasFiles, targetsOf } from '../targets.ts';

interface Verdict {
  readonly type: 'Approved' | 'Denied';
  readonly against: string;
  readonly reason: string;
  readonly verb: string;
}

function decide({ type, against, reason, verb }: Verdict): (call: Call) => Routine<void> {
  return function* (call) {
    if (call.args.length === 0 && !hasFiles(call))
      throw failure('one or more CSRs must be specified as <name> or -f <filename>');
    const failures: Failure[] = [];
    const targets = yield* targetsOf(call, { defaultType: 'certificatesigningrequests' }, failures);
    const printer = yield* resultPrinter(call, 'none');
    const client = yield* call.client();
    for (const { resource, namespace, name } of targets) {
      try {
        if (fullName(resource) !== 'certificatesigningrequests.certificates.k8s.io')
          throw failure(
            `can only handle CertificateSigningRequest.certificates.k8s.io objects, got ${resource.kind}${resource.group === '' ? '' : `.${resource.group}`}`,
          );
        const request = yield* client.call('GET', pathOf(resource, namespace, name));
        const status = (request.status ?? {}) as { conditions?: { type: string }[] };
        const conditions = status.conditions ?? [];
        if (conditions.some((one) => one.type === against))
          throw failure(`certificate signing request "${name}" is already ${against}`);
        const has = conditions.some((one) => one.type === type);
        if (!has || call.values.is('force')) {
          const at = new Date(epochMilliseconds(call.main.process.now));
          const condition = {
            type,
            status: 'True',
            reason,
            message: `This CSR was ${verb} by kubectl certificate ${type === 'Approved' ? 'approve' : 'deny'}.`,
            lastUpdateTime: `${at.toISOString().slice(0, 19)}Z`,
          };
          const body = {
            ...request,
            status: { ...status, conditions: has ? conditions : [...conditions, condition] },
          };
          yield* client.call('PUT', pathOf(resource, namespace, name, 'approval'), { body });
        }
        yield* printer.show(request, verb);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        failures.push(error);
      }
    }
    if (targets.length === 0 && failures.length === 0) yield* call.out('No resources found\n');
    throwAll(failures);
  };
}

export const certificate: Command = {
  name: 'certificate',
  commands: [
    {
      name: 'approve',
      run: decide({
        type: 'Approved',
        against: 'Denied',
        reason: 'KubectlApprove',
        verb: 'approved',
      }),
    },
    {
      name: 'deny',
      run: decide({ type: 'Denied', against: 'Approved', reason: 'KubectlDeny', verb: 'denied' }),
    },
  ],
};
