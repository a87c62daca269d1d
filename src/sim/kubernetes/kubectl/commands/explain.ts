// kubectl explain: the fields of a kind out of the server's OpenAPI v3 documents.

import type { Routine } from '../../../core/wait.ts';
import type { Call, Command } from '../command.ts';
import {
  type ApiResource,
  type Discovery,
  findResource,
  groupVersion,
  needResource,
} from '../discovery.ts';
import { rendered, type Schemas } from '../explain-render.ts';
import { renderedV2 } from '../explain-v2.ts';
import { Failure, failure } from '../failure.ts';

/** A kind by any of its names; explain's mapper says no `error:` where there is none. */
function resourceNamed(discovery: Discovery, type: string): ApiResource {
  try {
    return needResource(discovery, type);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.message.replace(/^error: /, ''));
  }
}

export const explain: Command = {
  name: 'explain',
  run: runExplain,
};

function* runExplain(call: Call): Routine<void> {
  const [word, ...more] = call.args;
  if (word === undefined)
    throw new Failure(
      'error: You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.',
    );
  if (more.length > 0) throw failure('We accept only this format: explain RESOURCE');
  const discovery = yield* call.discovery();
  // A resource with its group stands alone; with fields after it, its group is taken for one.
  const whole = word.includes('.') ? findResource(discovery, word) : undefined;
  const exact = whole && `.${whole.group}` === word.slice(word.indexOf('.'));
  const [type = '', ...path] = exact ? [word] : word.split('.');
  let resource = resourceNamed(discovery, type);
  const wanted = call.values.text('api-version');
  if (wanted !== '') {
    const other = discovery.resources.find(
      (one) => groupVersion(one) === wanted && one.plural === resource.plural,
    );
    if (!other) {
      const named = `${wanted.includes('/') ? '' : '/'}${wanted}, Resource=${resource.plural}`;
      throw failure(
        discovery.groupVersions.includes(wanted)
          ? `GVR (${named}) not found in OpenAPI schema`
          : `couldn't find resource for "${named}"`,
      );
    }
    resource = other;
  }
  const form = call.values.text('output');
  if (form !== 'plaintext' && form !== 'plaintext-openapiv2')
    throw failure(`unrecognized format: ${form}`);
  const client = yield* call.client();
  const document = yield* client.call(
    'GET',
    `/openapi/v3/${resource.group === '' ? `api/${resource.version}` : `apis/${groupVersion(resource)}`}`,
  );
  const schemas = ((document.components as { schemas?: Schemas } | undefined)?.schemas ??
    {}) as Schemas;
  const root = Object.values(schemas).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some(
      (one) =>
        one.group === resource.group &&
        one.version === resource.version &&
        one.kind === resource.kind,
    ),
  );
  if (!root)
    throw failure(
      `GVR (${groupVersion(resource)}, Resource=${resource.plural}) not found in OpenAPI schema`,
    );
  const recursive = call.values.is('recursive');
  const missing = (): Failure => failure(`field "${path[path.length - 1] ?? ''}" does not exist`);
  if (form === 'plaintext-openapiv2') {
    const text = renderedV2(root, schemas, path, recursive);
    if (text === undefined) throw missing();
    yield* call.out(`KIND:     ${resource.kind}\nVERSION:  ${groupVersion(resource)}\n\n${text}`);
    return;
  }
  const group = resource.group === '' ? '' : `GROUP:      ${resource.group}\n`;
  yield* call.out(`${group}KIND:       ${resource.kind}\nVERSION:    ${resource.version}\n\n`);
  const text = rendered(root, schemas, path, recursive);
  if (text === undefined) throw missing();
  yield* call.out(`${text}\n`);
}
