// Admission webhooks: services that are asked over HTTPS whether a request may pass (validating), or what it should be
// (mutating). Webhooks are called one after another; a mutating one is not called again after later ones.

import { Content } from '../../../core/content.ts';
import { SECOND } from '../../../core/time.ts';
import type { Routine } from '../../../core/wait.ts';
import type { HttpRequest, HttpResponse } from '../../../userland/http/message.ts';
import { textOfBase64 } from '../../../core/base64.ts';
import { CelError } from '../cel/values.ts';
import { isObject, type JsonObject } from '../fields/decode.ts';
import { decodeObject } from '../handlers/body.ts';
import type { WebhookTarget } from '../handlers/context.ts';
import type { KubeObject } from '../object.ts';
import { applyJsonPatch, PatchError, type PatchOperation } from '../patch/json-patch.ts';
import { ApiError, apiErrors } from '../status.ts';
import type { Service } from '../types/service.ts';
import type { AdmissionPlugin, Attributes } from './admission.ts';
import { conditionsHold, isExempt, ruleCovers, selectorsFit } from './matching.ts';
import { ADMISSION_VARIABLES, admissionRequest, admissionValues } from './request.ts';

const VALIDATING = 'validatingwebhookconfigurations';
const MUTATING = 'mutatingwebhookconfigurations';

/** The webhooks of all configurations that the request concerns, in the order of their configurations' names. */
function* relevant(attributes: Attributes, folder: string): Generator<JsonObject | ApiError> {
  for (const configuration of attributes.server.storage.cache(folder).list('')) {
    const { webhooks } = configuration;
    for (const webhook of Array.isArray(webhooks) ? webhooks.filter(isObject) : []) {
      const { rules, namespaceSelector, objectSelector, matchConditions } = webhook;
      const covered =
        Array.isArray(rules) && rules.filter(isObject).some((rule) => ruleCovers(rule, attributes));
      if (!covered || !selectorsFit(namespaceSelector, objectSelector, attributes)) continue;
      const holds = Array.isArray(matchConditions)
        ? conditionsHold(matchConditions, ADMISSION_VARIABLES, admissionValues(attributes))
        : true;
      if (holds === true) yield webhook;
      else if (holds instanceof CelError && webhook.failurePolicy !== 'Ignore') {
        const { descriptor, name } = attributes;
        const of = { group: descriptor.group, resource: descriptor.plural };
        yield apiErrors.forbidden(of, name, holds.message);
      }
    }
  }
}

/** What a webhook answered. */
interface Verdict {
  readonly allowed: boolean;
  readonly status: JsonObject;
  readonly patch: string | undefined;
}

/** Runs the mutating webhooks: the object that they leave, or the first refusal. */
export function* mutateByWebhooks(
  attributes: Attributes,
): Routine<KubeObject | ApiError | undefined> {
  let { object } = attributes;
  if (attributes.server.storage.cache(MUTATING).size === 0 || isExempt(attributes)) return object;
  for (const webhook of relevant(attributes, MUTATING)) {
    if (webhook instanceof ApiError) return webhook;
    const verdict = yield* ask({ ...attributes, object }, webhook);
    if (verdict instanceof ApiError) return verdict;
    if (verdict?.patch === undefined || !object) continue;
    const patched = patchedBy(verdict.patch, object, attributes, String(webhook.name));
    if (patched instanceof ApiError) return patched;
    object = patched;
  }
  return object;
}

function patchedBy(
  patch: string,
  object: KubeObject,
  { descriptor }: Attributes,
  name: string,
): KubeObject | ApiError {
  const operations = parsed(textOfBase64(patch));
  const result = applyJsonPatch(object, (operations ?? []) as readonly PatchOperation[]);
  if (result instanceof PatchError || !isObject(result)) {
    return apiErrors.internal(`failed calling webhook ${JSON.stringify(name)}: invalid patch`);
  }
  const decoded = decodeObject(result, descriptor);
  return decoded instanceof ApiError ? decoded : decoded.object;
}

function* validate(attributes: Attributes): Routine<ApiError | undefined> {
  if (attributes.server.storage.cache(VALIDATING).size === 0 || isExempt(attributes))
    return undefined;
  for (const webhook of relevant(attributes, VALIDATING)) {
    if (webhook instanceof ApiError) return webhook;
    const verdict = yield* ask(attributes, webhook);
    if (verdict instanceof ApiError) return verdict;
  }
  return undefined;
}

/** Asks one webhook; undefined where it did not answer and need not. */
function* ask(
  attributes: Attributes,
  webhook: JsonObject,
): Routine<Verdict | ApiError | undefined> {
  const name = JSON.stringify(String(webhook.name));
  const quiet = webhook.sideEffects === 'None' || webhook.sideEffects === 'NoneOnDryRun';
  if (attributes.dryRun && !quiet) {
    return apiErrors.badRequest(`admission webhook ${name} does not support dry run`);
  }
  const answer = yield* call(attributes, webhook);
  if (typeof answer === 'string') {
    if (webhook.failurePolicy === 'Ignore') return undefined;
    return apiErrors.internal(`failed calling webhook ${name}: ${answer}`);
  }
  for (const warning of Array.isArray(answer.warnings) ? answer.warnings : []) {
    attributes.warnings.push(String(warning));
  }
  const status = isObject(answer.status) ? answer.status : {};
  const patch = typeof answer.patch === 'string' ? answer.patch : undefined;
  if (answer.allowed === true) return { allowed: true, status, patch };
  return denial(String(webhook.name), status);
}

function denial(name: string, status: JsonObject): ApiError {
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`;
  const { message, reason, code } = status;
  const why = [message, reason].find((one) => typeof one === 'string' && one !== '');
  const number = typeof code === 'number' && code >= 400 ? code : 400;
  return new ApiError(
    number,
    typeof reason === 'string' ? reason : undefined,
    why === undefined ? `${denied} without explanation` : `${denied}: ${String(why)}`,
    {},
  );
}

/** The response within the review that a webhook sends back, or why there is none. */
function* call(attributes: Attributes, webhook: JsonObject): Routine<JsonObject | string> {
  const { server } = attributes;
  const seconds = typeof webhook.timeoutSeconds === 'number' ? webhook.timeoutSeconds : 10;
  const target = targetOf(attributes, webhook, seconds);
  const url = typeof target === 'string' ? target : target.url;
  const asked = `failed to call webhook: Post ${JSON.stringify(`${url}?timeout=${seconds}s`)}: `;
  if (typeof target === 'string') return `${asked}${missing(webhook)}`;
  if (!server.options.callWebhook) return `${asked}no route to services`;
  const uid = server.simulation.random.fork(`api/webhooks/${server.simulation.now}`).uuid();
  const review = {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: { uid, ...admissionRequest(attributes) },
  };
  const answer = yield* server.options.callWebhook(target, requestOf(target.path, seconds, review));
  if (typeof answer === 'string') return `${asked}${answer}`;
  return responseIn(answer, uid);
}

function requestOf(path: string, seconds: number, review: object): HttpRequest {
  return {
    method: 'POST',
    path,
    query: new Map([['timeout', [`${seconds}s`]]]),
    headers: {
      accept: 'application/json, */*',
      'content-type': 'application/json',
      'user-agent': 'kube-apiserver-admission',
    },
    body: Content.ofJson(review),
  };
}

function responseIn({ status, body }: HttpResponse, uid: string): JsonObject | string {
  if (status === 404) {
    return 'failed to call webhook: the server could not find the requested resource';
  }
  if (status < 200 || status > 299) {
    const text = JSON.stringify((body?.text() ?? '').trim() || 'unknown');
    return status >= 500
      ? `failed to call webhook: an error on the server (${text}) has prevented the request from succeeding`
      : 'failed to call webhook: the server rejected our request for an unknown reason';
  }
  const review = parsed(body?.text() ?? '');
  if (!isObject(review)) {
    return "failed to call webhook: couldn't get version/kind; json parse error: unexpected end of JSON input";
  }
  const { response } = review;
  if (!isObject(response)) {
    return 'received invalid webhook response: webhook response was absent';
  }
  if (response.uid !== uid) {
    return `received invalid webhook response: expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`;
  }
  return response;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function serviceOf({ clientConfig }: JsonObject): JsonObject | undefined {
  return isObject(clientConfig) && isObject(clientConfig.service)
    ? clientConfig.service
    : undefined;
}

function missing(webhook: JsonObject): string {
  return `service ${JSON.stringify(String(serviceOf(webhook)?.name))} not found`;
}

/** Where a webhook is; only its URL where its service is not there. */
function targetOf(
  { server }: Attributes,
  webhook: JsonObject,
  seconds: number,
): WebhookTarget | string {
  const config = isObject(webhook.clientConfig) ? webhook.clientConfig : {};
  const bundle = typeof config.caBundle === 'string' ? textOfBase64(config.caBundle) : undefined;
  const common = { certificates: bundle ?? '', timeout: seconds * SECOND };
  const service = serviceOf(webhook);
  if (!service) {
    const given = String(config.url ?? '');
    const [, host = '', port = '443', path = '/'] =
      /^https:\/\/([^/:]+)(?::(\d+))?(\/[^?]*)?/.exec(given) ?? [];
    return { ...common, url: given, host, port: Number(port), serverName: host, path };
  }
  const { name, namespace, port = 443, path = '/' } = service;
  const serverName = `${String(name)}.${String(namespace)}.svc`;
  const at = `/${String(path).replace(/^\//, '')}`;
  const url = `https://${serverName}:${String(port)}${at}`;
  const found = server.storage
    .cache('services/specs')
    .get(String(namespace), String(name)) as unknown as Service | undefined;
  if (!found) return url;
  const host = found.spec.clusterIP ?? '';
  return { ...common, url, host, port: Number(port), serverName, path: at };
}

/** The checking half of admission webhooks. */
export const validatingWebhooks: AdmissionPlugin = { name: 'ValidatingAdmissionWebhook', validate };
