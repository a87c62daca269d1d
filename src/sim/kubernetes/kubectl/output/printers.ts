// Printers by -o (cli-runtime's PrintFlags): yaml, json, kyaml, name, jsonpath, go-template, custom-columns.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { readFile } from '../../../userland/libc/whole-file.ts';
import {
  compileTemplate,
  type Template,
  TemplateError,
} from '../../../userland/template/execute.ts';
import type { Body } from '../../../userland/template/functions.ts';
import { goMaps } from '../../../userland/template/values.ts';
import { toKyaml, toYaml } from '../../../userland/yaml/write.ts';
import { textOfBase64 } from '../../../core/base64.ts';
import type { Call } from '../command.ts';
import { failure } from '../failure.ts';
import type { KubeObject } from '../rest.ts';
import { flagIs } from '../targets.ts';
import { customColumns } from './columns.ts';
import { goSyntax } from './go-syntax.ts';
import { structJson, toJson } from './json.ts';
import { JsonPathError, parseJsonPath } from './jsonpath.ts';

/** What kubectl adds to Go's templates. */
const TEMPLATE_FUNCTIONS: Readonly<Record<string, Body>> = {
  base64decode: ([text]) => textOfBase64(String(text)),
  exists: ([object, ...path]) => {
    let at: unknown = object;
    for (const key of path) {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, String(key))) return false;
      at = (at as Record<string, unknown>)[String(key)];
    }
    return true;
  },
};

/** Prints one object after another. */
export interface Printer {
  print(object: KubeObject): string;
  /** True where a list is printed as a whole. */
  readonly takesLists: boolean;
}

const FORMATS =
  'custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml';
const PLAIN_FORMATS =
  'go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml';

/** How a command's -o is understood. */
export interface PrinterRules {
  /** Tables and their forms are allowed (get). */
  readonly tables?: boolean;
  /** The column headings are left out (custom-columns). */
  readonly noHeaders?: boolean;
  /** The command has its objects as structs of their types: JSON keeps the order of their fields. */
  readonly structs?: boolean;
}

/** The printer for a command's -o; undefined where it is empty or asks for a table. */
export function* printerOf(call: Call, rules: PrinterRules = {}): Routine<Printer | undefined> {
  const output = call.values.text('output');
  const equals = output.indexOf('=');
  const format = equals < 0 ? output : output.slice(0, equals);
  const argument =
    equals < 0
      ? call.values.changed('template')
        ? call.values.text('template')
        : ''
      : output.slice(equals + 1);
  if (format === '' && argument === '') return undefined;
  if (rules.tables && format === 'wide') return undefined;
  switch (format) {
    case 'yaml':
      return documents(call, '---\n', toYaml);
    case 'kyaml':
      return documents(call, '', toKyaml);
    case 'json':
      return documents(call, '', (object) =>
        rules.structs ? `${structJson(object, 4)}\n` : toJson(object),
      );
    case 'name':
      return { takesLists: false, print: (object) => `${nameOf(object)}\n` };
    case 'jsonpath':
    case 'jsonpath-as-json':
      return jsonPathPrinter(call, argument, format === 'jsonpath-as-json');
    case 'jsonpath-file':
      return jsonPathPrinter(call, yield* templateFile(call, argument, 'jsonpath'), false);
    case 'template':
    case 'go-template':
    case '':
      if (argument === '') throw failure('template format specified but no template given');
      return templatePrinter(argument, argument);
    case 'go-template-file':
    case 'templatefile':
      return templatePrinter(yield* templateFile(call, argument, 'template'), argument);
    case 'custom-columns':
    case 'custom-columns-file':
      if (rules.tables)
        return yield* columnsPrinter(call, format, argument, rules.noHeaders === true);
  }
  throw failure(
    `unable to match a printer suitable for the output format "${output}", allowed formats are: ${rules.tables ? FORMATS : PLAIN_FORMATS}`,
  );
}

/** The object, or the list, or the event of a watch, without managedFields unless they are asked for. */
export function withoutManagers(call: Call, object: KubeObject): KubeObject {
  if (flagIs(call, 'show-managed-fields')) return object;
  const strip = (one: KubeObject): KubeObject => {
    if (!one.metadata || one.metadata.managedFields === undefined) return one;
    const { managedFields: _, ...metadata } = one.metadata;
    return { ...one, metadata };
  };
  if (Array.isArray(object.items))
    return { ...object, items: (object.items as KubeObject[]).map(strip) };
  return object.metadata === undefined && object.object !== undefined
    ? { ...object, object: strip(object.object as KubeObject) }
    : strip(object);
}

/** The forms that show an object whole leave out who manages which field; templates see all of it. */
function documents(call: Call, between: string, write: (object: KubeObject) => string): Printer {
  let first = true;
  return {
    takesLists: true,
    print: (object) => {
      const text = `${first ? '' : between}${write(withoutManagers(call, object))}`;
      first = false;
      return text;
    },
  };
}

/** `deployment.apps/web`; what has no name, like the answer to a Binding, is `<unknown>`. */
export function nameOf(object: KubeObject): string {
  const { apiVersion = '', kind = '', metadata } = object;
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  return `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${metadata?.name || '<unknown>'}`;
}

function* templateFile(call: Call, path: string, what: string): Routine<string> {
  if (path === '')
    throw failure(
      `${what} format specified but no ${what === 'jsonpath' ? 'jsonpath' : 'template file'} given`,
    );
  const bytes = yield* readFile(call.main.process, path);
  if (isErrno(bytes))
    throw failure(
      `error reading --template ${path}, open ${path}: ${bytes.message.toLowerCase()}\n`,
    );
  return decode(bytes);
}

function jsonPathPrinter(call: Call, template: string, asJson: boolean): Printer {
  if (template === '') throw failure('template format specified but no template given');
  let path: ReturnType<typeof parseJsonPath>;
  try {
    const { values } = call;
    const missing = 'allow-missing-template-keys';
    path = parseJsonPath(template, !values.changed(missing) || values.is(missing));
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw failure(`error parsing jsonpath ${template}, ${error.message}`);
  }
  return {
    takesLists: true,
    print: (object) => {
      try {
        if (asJson) return toJson(path.find(object).flat());
        return path.execute(object);
      } catch (error) {
        if (!(error instanceof JsonPathError)) throw error;
        throw failure(
          `error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${error.message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${goSyntax(object)}\n\n\n`,
        );
      }
    },
  };
}

function templatePrinter(source: string, named: string): Printer {
  let template: Template;
  try {
    template = compileTemplate(source, { name: 'output', functions: TEMPLATE_FUNCTIONS });
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw failure(`error parsing template ${named}, ${error.message}`);
  }
  return {
    takesLists: true,
    print: (object) => {
      try {
        return template.execute(goMaps(object));
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        throw failure(`error executing template ${JSON.stringify(source)}: ${error.message}`);
      }
    },
  };
}

function* columnsPrinter(
  call: Call,
  format: string,
  argument: string,
  noHeaders: boolean,
): Routine<Printer> {
  let spec = argument;
  if (format === 'custom-columns-file') {
    if (argument === '')
      throw failure('custom-columns format specified but no custom columns given');
    const bytes = yield* readFile(call.main.process, argument);
    if (isErrno(bytes))
      throw failure(
        `error reading template ${argument}, open ${argument}: ${bytes.message.toLowerCase()}`,
      );
    const [heads = '', paths = ''] = decode(bytes).split('\n');
    const columns = heads.trim().split(/\s+/);
    const fields = paths.trim().split(/\s+/);
    if (columns.length !== fields.length) {
      throw failure(
        `number of headers (${columns.length}) and field specifications (${fields.length}) don't match`,
      );
    }
    spec = columns.map((column, i) => `${column}:${fields[i] ?? ''}`).join(',');
  }
  return customColumns(spec, noHeaders);
}
