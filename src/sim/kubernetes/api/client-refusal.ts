// How a client words an answer that is no Status of the API server's own (apimachinery's NewGenericServerResponse): a page of
// text from a path that nothing serves, or from a server behind this one.

import type { Status } from './status.ts';

const WORDS: Readonly<Record<number, readonly [string, string]>> = {
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
};

/** `pods.metrics.k8s.io web-1`: the resource of a path, with the object's name. */
function resourceOf(path: string): string {
  const [, root, first = '', ...rest] = path.split('/');
  const group = root === 'apis' ? first : '';
  const words = root === 'apis' ? rest.slice(1) : rest;
  const inner = words[0] === 'namespaces' && words.length > 2 ? words.slice(2) : words;
  const [plural = '', name] = inner;
  const full = group === '' ? plural : `${plural}.${group}`;
  return name === undefined ? full : `${full} ${name}`;
}

/** The Status of such an answer. */
export function genericStatus(method: string, path: string, code: number): Status {
  const [reason, words] = WORDS[code] ?? ['Unknown', 'an error on the server ("unknown")'];
  const verb = method.toLowerCase();
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `${words} (${verb} ${resourceOf(path)})`,
    reason,
    code,
  } as Status;
}
