// -o custom-columns: headings with a path each, printed through a tab writer (get.CustomColumnsPrinter).

import { Failure, failure } from '../failure.ts';
import type { KubeObject } from '../rest.ts';
import { goValue } from './go-syntax.ts';
import { type JsonPath, JsonPathError, parseJsonPath, relaxedPath } from './jsonpath.ts';
import type { Printer } from './printers.ts';
import { TABLE, tabulate } from './tabwriter.ts';

/** A printer for `NAME:.metadata.name,…`. */
export function customColumns(spec: string, noHeaders: boolean): Printer {
  if (spec === '') throw failure('custom-columns format specified but no custom columns given');
  const columns = spec.split(',').map((part) => {
    const colon = part.indexOf(':');
    if (colon < 0)
      throw failure(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    const field = part.slice(colon + 1);
    const path = relaxedPath(field);
    if (path === undefined) {
      throw failure(
        `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
      );
    }
    return { heading: part.slice(0, colon), path };
  });
  let heading = noHeaders ? '' : `${columns.map((column) => column.heading).join('\t')}\n`;
  return {
    takesLists: true,
    print: (object) => {
      let paths: JsonPath[];
      try {
        paths = columns.map(({ path }) => parseJsonPath(path, true));
      } catch (error) {
        if (!(error instanceof JsonPathError)) throw error;
        throw new Failure(`${tabulate(heading, TABLE)}error: ${error.message}`);
      }
      const items = Array.isArray(object.items) ? (object.items as KubeObject[]) : [object];
      const lines = items.map((item) => `${paths.map((path) => cell(path, item)).join('\t')}\n`);
      const text = tabulate(heading + lines.join(''), TABLE);
      heading = '';
      return text;
    },
  };
}

function cell(path: JsonPath, object: KubeObject): string {
  const found = path.find(object).flat();
  if (found.length === 0) return '<none>';
  return found
    .map((value) => (value === null || value === undefined ? '<none>' : goValue(value)))
    .join(',');
}
