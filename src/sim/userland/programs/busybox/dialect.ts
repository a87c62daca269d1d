// busybox's wording of the errors of programs that are shared with GNU's: a name and a reason, put its own way.

import type { CommandSpec, Dialect } from '../coreutils/gnu.ts';

/** The first line of usage messages. */
export const BANNER = 'BusyBox v1.36.1 (2024-09-26 21:31:42 UTC) multi-call binary.';

/** How an applet says that something is wrong with a file; the rest say `file: reason`. */
const FORMS: Readonly<Record<string, string>> = {
  cat: "can't open",
  tail: "can't open",
  md5sum: "can't open",
  sha1sum: "can't open",
  sha256sum: "can't open",
  sha512sum: "can't open",
  dd: "can't open",
  uniq: "can't open",
  rm: "can't remove",
  cp: "can't stat",
  mv: "can't rename",
  mkdir: "can't create directory",
  stat: "can't stat",
  env: "can't execute",
  timeout: "can't execute",
  nice: "can't execute",
  nohup: "can't execute",
  rmdir: '',
  tac: "can't open",
};

/** A name in quotes (or, failing that, up to the colon) and a reason. */
const QUOTED = /['‘](.+)['’](?: for reading)?: ([A-Z].*)$/;
const PLAIN = /^(.+): ([A-Z].*)$/;

/** The dialect of an applet. */
export function busyboxDialect(spec: CommandSpec): Dialect {
  return {
    error: (text) => errorText(spec.name, text),
    usage: (name, text) => ({
      text: `${text?.startsWith('invalid option') || text?.startsWith('unrecognized option') ? `${name}: ${text}\n` : ''}${help(spec, name)}`,
      status: 1,
    }),
    help: (name) => help(spec, name),
  };
}

function help(spec: CommandSpec, name: string): string {
  const flags = (spec.options ?? []).flatMap((option) =>
    option.short && !option.argument ? [option.short.charAt(0)] : [],
  );
  const operands = (spec.usage[0] ?? '')
    .replace('[OPTION]... ', '')
    .replace('[OPTION]...', '')
    .trim();
  const list = flags.length ? `[-${flags.join('')}] ` : '';
  return `${BANNER}\n\nUsage: ${`${name} ${list}${operands}`.trimEnd()}\n`;
}

function errorText(name: string, text: string): string {
  const directory = /^cannot remove '(.*)': Is a directory$/.exec(text);
  if (directory) return `'${directory[1]}' is a directory`;
  const omitted = /^-r not specified; (omitting directory .*)$/.exec(text);
  if (omitted) return omitted[1] ?? text;
  if (name === 'cat' && text.endsWith(': Is a directory')) return 'read error: Is a directory';
  if (/^error (reading|writing) /.test(text)) return text.replace(/[‘’]/g, "'");
  if (/^invalid (time interval|number)/.test(text))
    return text.replace(/^.*?‘(.*)’$/, "invalid number '$1'");
  if (/^invalid user: /.test(text))
    return text.replace(/^invalid user: ‘(.*)’$/, 'unknown user $1');
  if (name === 'id') return text.replace(/^‘(.*)’: no such user$/, 'unknown user $1');
  const match = QUOTED.exec(text) ?? PLAIN.exec(text);
  if (!match) return text.replace(/[‘’]/g, "'");
  const [, path = '', reason = ''] = match;
  const form = FORMS[name];
  if (form === undefined) return `${path}: ${reason}`;
  return form === '' ? `'${path}': ${reason}` : `${form} '${path}': ${reason}`;
}
