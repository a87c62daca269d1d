// The reserved words of the shell's grammar (bash(1), RESERVED WORDS), in the order in which `compgen -k` lists them.

/** All of them. */
export const KEYWORDS: readonly string[] = [
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'case',
  'esac',
  'for',
  'select',
  'while',
  'until',
  'do',
  'done',
  'in',
  'function',
  'time',
  '{',
  '}',
  '!',
  '[[',
  ']]',
  'coproc',
];

/** Those that POSIX shells do not know. */
export const BASH_KEYWORDS = new Set(['select', 'function', 'time', '[[', ']]', 'coproc']);
