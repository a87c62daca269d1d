// The formats of strings in schemas that are checked (go-openapi's strfmt). Formats that it does not know pass.

import { durationOf } from '../cel/values.ts';
import { ipv4Number, isIpv6 } from '../validation/addresses.ts';

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
  'date-time': (text) =>
    /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)?$/.test(text) &&
    !Number.isNaN(Date.parse(text.replace(' ', 'T'))),
  datetime: (text) => !Number.isNaN(Date.parse(text)),
  duration: (text) => durationOf(text) !== undefined || /^\d+\s*(?:[a-z]+)$/i.test(text.trim()),
  email: (text) => /^[^@\s]+@[^@\s]+$/.test(text),
  hostname: (text) =>
    /^[A-Za-z0-9](?:[\w-]{0,62}\.?)*[A-Za-z0-9]?$/.test(text) && text.length < 256,
  ipv4: (text) => ipv4Number(text) !== undefined,
  ipv6: isIpv6,
  cidr: (text) => /^[\d.]+\/\d{1,2}$|^[\da-f:]+\/\d{1,3}$/i.test(text),
  mac: (text) => /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text),
  uri: (text) => /^[a-z][\w+.-]*:|^\//i.test(text),
  uuid: (text) => /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text),
  byte: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  hexcolor: (text) => /^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
};

/** Whether a text has a format. */
export function hasFormat(text: string, format: string): boolean {
  return FORMATS[format]?.(text) ?? true;
}
