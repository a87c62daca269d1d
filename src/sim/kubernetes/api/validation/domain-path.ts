// Names such as acme.io/foo: a domain, and a path below it.

import { type FieldError, fieldErrors } from './errors.ts';
import { dnsSubdomain } from './names.ts';

const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** Checks a name that has to be prefixed with a domain. */
export function validateDomainPath(value: string, at: string): FieldError[] {
  if (value === '') return [fieldErrors.required(at)];
  const slash = value.indexOf('/');
  const [host, path] = slash < 0 ? [value, ''] : [value.slice(0, slash), value.slice(slash + 1)];
  if (host === '' || path === '') {
    const why = 'must be a domain-prefixed path (such as "acme.io/foo")';
    return [fieldErrors.invalid(at, value, why)];
  }
  const errors = dnsSubdomain(host).map((why) => fieldErrors.invalid(at, host, why));
  if (!new RegExp(`^${HTTP_PATH}$`).test(path)) {
    const why = `Invalid path (regex used for validation is '${HTTP_PATH}')`;
    return [...errors, fieldErrors.invalid(at, path, why)];
  }
  return errors;
}
