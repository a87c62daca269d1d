// kubectl autoscale: a HorizontalPodAutoscaler for whatever has the subresource scale.

import type { Routine } from '../../../core/wait.ts';
import { canonicalQuantity, QuantityError } from '../../api/fields/quantity.ts';
import type { Call, Command } from '../command.ts';
import { type ApiResource, groupVersion } from '../discovery.ts';
import { type DryRun, dryRunOf, resultPrinter } from '../dry-run.ts';
import { Failure, failure } from '../failure.ts';
import { throwAll } from '../manifests.ts';
import type { KubeObject } from '../rest.ts';
import { fetchAll, targetsOf } from '../targets.ts';
import { createGenerated } from './create.ts';

export const autoscale: Command = {
  name: 'autoscale',
  run: runAutoscale,
};

/** What a bare number counts in. */
const UNITS: Readonly<Record<string, string>> = { cpu: 'm', memory: 'Mi' };

/** The target that `70%`, `500m` or `200` asks for. */
function targetOf(name: string, given: string): { type: string } & Record<string, unknown> {
  const text = given.trim();
  if (text.endsWith('%')) {
    const number = text.slice(0, -1);
    if (!/^\+?\d+$/.test(number) || Number(number) > 2 ** 31 - 1)
      throw failure(`invalid percentage value: ${number}`);
    return { averageUtilization: Number(number), type: 'Utilization' };
  }
  const bare = text !== '' && Number.isFinite(Number(text));
  const amount = canonicalQuantity(bare ? `${Number(text)}${UNITS[name] ?? ''}` : text);
  if (amount instanceof QuantityError)
    throw failure(bare ? amount.message : `invalid resource ${name} value: ${text}`);
  return { averageValue: amount, type: 'AverageValue' };
}

function metricsOf(call: Call): object[] {
  const { values } = call;
  const metrics: object[] = [];
  const add = (name: string, text: string): void => {
    metrics.push({ resource: { name, target: targetOf(name, text) }, type: 'Resource' });
  };
  const percent = values.number('cpu-percent');
  if (percent > 0 && values.text('cpu') !== '')
    throw failure('--cpu-percent and --cpu are mutually exclusive');
  if (percent > 0) add('cpu', `${percent}%`);
  for (const name of Object.keys(UNITS)) if (values.text(name) !== '') add(name, values.text(name));
  return metrics;
}

function* runAutoscale(call: Call): Routine<void> {
  const { values } = call;
  const dryRun = yield* dryRunOf(call);
  const [min, max] = [values.number('min'), values.number('max')];
  if (max < 1) throw failure(`--max=MAXPODS is required and must be at least 1, max: ${max}`);
  if (max < min)
    throw failure(
      `--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`,
    );
  const metrics = metricsOf(call);
  const failures: Failure[] = [];
  const objects = yield* fetchAll(call, yield* targetsOf(call, {}, failures), failures);
  throwAll(failures);
  for (const { resource, name } of objects) {
    const scaler = scalerOf(call, resource, name, metrics);
    const printer = yield* resultPrinter(call, dryRun, true);
    if (dryRun === 'client') {
      const status = { currentMetrics: null, desiredReplicas: 0 };
      yield* printer.show(
        yield* createGenerated(call, { ...scaler, status }, dryRun, ''),
        'created',
      );
    } else yield* printer.show(yield* created(call, scaler, dryRun), 'autoscaled');
  }
}

function scalerOf(
  call: Call,
  resource: ApiResource,
  target: string,
  metrics: readonly object[],
): KubeObject {
  if (!resource.subresources.includes('scale')) {
    const what = `${groupVersion(resource)}, Resource=${resource.plural}`;
    throw failure(
      `cannot autoscale a ${resource.kind}: could not find scale subresource for ${what} in discovery information`,
    );
  }
  const [min, max] = [call.values.number('min'), call.values.number('max')];
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: call.values.text('name') || target },
    spec: {
      maxReplicas: max,
      ...(min > 0 ? { minReplicas: min } : {}),
      ...(metrics.length > 0 ? { metrics } : {}),
      scaleTargetRef: {
        apiVersion: groupVersion(resource),
        kind: resource.kind,
        name: target,
      },
    },
  };
}

/** Creates it as v2, and as v1 where that is refused and v1 can say the same: a share of the CPU alone. */
function* created(call: Call, scaler: KubeObject, dryRun: DryRun): Routine<KubeObject> {
  try {
    return yield* createGenerated(call, scaler, dryRun, '');
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { values } = call;
    const cpu = values.text('cpu');
    const why =
      'failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1:';
    if (cpu === '') throw failure(`${why} empty input`);
    if (values.text('memory') !== '' || targetOf('cpu', cpu).type !== 'Utilization')
      throw failure(`${why} %!w(<nil>)`);
    const { metrics: _, ...spec } = (scaler.spec ?? {}) as Record<string, unknown>;
    return yield* createGenerated(
      call,
      { ...scaler, apiVersion: 'autoscaling/v1', spec },
      dryRun,
      '',
    );
  }
}
