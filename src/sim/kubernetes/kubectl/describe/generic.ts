// kubectl describe of kinds without a form of their own: every field with its name in words.

import type { Facts, Fields } from './facts.ts';
import { heading, type Lines } from './writer.ts';

const ACRONYMS = new Set(['API', 'URL', 'UID', 'GUID']);

/** `additionalPrinterColumns` as `Additional Printer Columns`; names with other signs stay as they are. */
function smartLabel(field: string): string {
  if (/[^\p{L}-]/u.test(field)) return field;
  const parts = field.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^A-Za-z]+/g) ?? [field];
  return parts
    .map((part) => {
      if (ACRONYMS.has(part.toUpperCase())) return part.toUpperCase();
      return part.toLowerCase() === part ? part.charAt(0).toUpperCase() + part.slice(1) : part;
    })
    .join(' ');
}

const IN_HEADING = new Set(['name', 'namespace', 'labels', 'annotations', 'managedFields']);

export function describeGeneric(out: Lines, { object }: Facts): void {
  heading(out, object);
  const { metadata = {}, ...rest } = object;
  const kept = Object.entries(metadata).filter(([key]) => !IN_HEADING.has(key));
  mapLines(out, 0, { ...rest, metadata: Object.fromEntries(kept) });
}

function mapLines(out: Lines, level: number, fields: Fields): void {
  for (const key of Object.keys(fields).sort()) {
    const value = fields[key];
    const title = smartLabel(key);
    if (Array.isArray(value)) {
      out.put(level, `${title}:`);
      for (const item of value) {
        if (item !== null && typeof item === 'object') mapLines(out, level + 1, item as Fields);
        else out.put(level + 1, String(item));
      }
    } else if (value !== null && typeof value === 'object') {
      out.put(level, `${title}:`);
      mapLines(out, level + 1, value as Fields);
    } else if (value !== undefined)
      out.put(level, `${title}:\t${value === null ? '<nil>' : String(value)}`);
  }
}
