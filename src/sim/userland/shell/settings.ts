// What `set` and `shopt` switch: the names in the order in which bash lists them, and what is on at
// the start.

/** `set -o` names with their letters. */
export const SET_OPTIONS = [
  ['allexport', 'a'],
  ['braceexpand', 'B'],
  ['emacs', ''],
  ['errexit', 'e'],
  ['errtrace', 'E'],
  ['functrace', 'T'],
  ['hashall', 'h'],
  ['histexpand', 'H'],
  ['history', ''],
  ['ignoreeof', ''],
  ['interactive-comments', ''],
  ['keyword', 'k'],
  ['monitor', 'm'],
  ['noclobber', 'C'],
  ['noexec', 'n'],
  ['noglob', 'f'],
  ['nolog', ''],
  ['notify', 'b'],
  ['nounset', 'u'],
  ['onecmd', 't'],
  ['physical', 'P'],
  ['pipefail', ''],
  ['posix', ''],
  ['privileged', 'p'],
  ['verbose', 'v'],
  ['vi', ''],
  ['xtrace', 'x'],
] as const;

export type SetOption = (typeof SET_OPTIONS)[number][0];

/** `shopt` names; those marked on are set in a script's shell. */
export const SHOPT_OPTIONS = [
  ['autocd', false],
  ['assoc_expand_once', false],
  ['cdable_vars', false],
  ['cdspell', false],
  ['checkhash', false],
  ['checkjobs', false],
  ['checkwinsize', true],
  ['cmdhist', true],
  ['compat31', false],
  ['compat32', false],
  ['compat40', false],
  ['compat41', false],
  ['compat42', false],
  ['compat43', false],
  ['compat44', false],
  ['complete_fullquote', true],
  ['direxpand', false],
  ['dirspell', false],
  ['dotglob', false],
  ['execfail', false],
  ['expand_aliases', false],
  ['extdebug', false],
  ['extglob', false],
  ['extquote', true],
  ['failglob', false],
  ['force_fignore', true],
  ['globasciiranges', true],
  ['globskipdots', true],
  ['globstar', false],
  ['gnu_errfmt', false],
  ['histappend', false],
  ['histreedit', false],
  ['histverify', false],
  ['hostcomplete', true],
  ['huponexit', false],
  ['inherit_errexit', false],
  ['interactive_comments', true],
  ['lastpipe', false],
  ['lithist', false],
  ['localvar_inherit', false],
  ['localvar_unset', false],
  ['login_shell', false],
  ['mailwarn', false],
  ['no_empty_cmd_completion', false],
  ['nocaseglob', false],
  ['nocasematch', false],
  ['noexpand_translation', false],
  ['nullglob', false],
  ['patsub_replacement', true],
  ['progcomp', true],
  ['progcomp_alias', false],
  ['promptvars', true],
  ['restricted_shell', false],
  ['shift_verbose', false],
  ['sourcepath', true],
  ['varredir_close', false],
  ['xpg_echo', false],
] as const;

export type ShoptOption = (typeof SHOPT_OPTIONS)[number][0];

/** Both kinds of switches of one shell. */
export interface Settings {
  readonly set: Set<SetOption>;
  readonly shopt: Set<ShoptOption>;
}

/** A shell, as far as its switches go. */
interface Switched {
  readonly settings: Settings;
}

/** What a script's shell starts with. */
export function initialSettings(): Settings {
  return {
    set: new Set<SetOption>(['braceexpand', 'hashall', 'interactive-comments']),
    shopt: new Set(SHOPT_OPTIONS.filter(([, on]) => on).map(([name]) => name)),
  };
}

/** Switches an option of `set`. */
export function switchOption(shell: Switched, name: SetOption, on: boolean): void {
  const { set } = shell.settings;
  if (on) set.add(name);
  else set.delete(name);
}

/** The option of a letter of `set`. */
export function setOptionOf(letter: string): SetOption | undefined {
  return SET_OPTIONS.find(([, short]) => short !== '' && short === letter)?.[0];
}
export function isSetOption(name: string): name is SetOption {
  return SET_OPTIONS.some(([known]) => known === name);
}
export function isShoptOption(name: string): name is ShoptOption {
  return SHOPT_OPTIONS.some(([known]) => known === name);
}
