// What a terminal sends for keys, cut into one key at a time.

/** One key: a character, or the name of a key. */
export interface Key {
  /** The character typed; '' for named keys. */
  readonly text: string;
  /** `up`, `C-a`, `M-b`, `enter`, `tab`, `backspace` …; '' for plain characters. */
  readonly name: string;
}

const SEQUENCES: Readonly<Record<string, string>> = {
  '[A': 'up',
  '[B': 'down',
  '[C': 'right',
  '[D': 'left',
  '[H': 'home',
  '[F': 'end',
  '[1~': 'home',
  '[4~': 'end',
  '[7~': 'home',
  '[8~': 'end',
  '[3~': 'delete',
  '[5~': 'page-up',
  '[6~': 'page-down',
  OA: 'up',
  OB: 'down',
  OC: 'right',
  OD: 'left',
  OH: 'home',
  OF: 'end',
  '[1;5C': 'M-f',
  '[1;5D': 'M-b',
  '[1;3C': 'M-f',
  '[1;3D': 'M-b',
  '[200~': 'paste-begin',
  '[201~': 'paste-end',
  '[Z': 'shift-tab',
};

const CONTROLS: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
};

/**
 * Takes the keys off the front of what was typed; `rest` is an escape sequence that has not come
 * whole.
 */
export function readKeys(typed: string): { readonly keys: readonly Key[]; readonly rest: string } {
  const keys: Key[] = [];
  let at = 0;
  while (at < typed.length) {
    const c = String.fromCodePoint(typed.codePointAt(at) ?? 0);
    if (c === '\x1b') {
      const rest = typed.slice(at + 1);
      const sequence = /^(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z])/.exec(rest)?.[0];
      if (sequence !== undefined) {
        keys.push({ text: '', name: SEQUENCES[sequence] ?? 'unknown' });
        at += 1 + sequence.length;
        continue;
      }
      if (rest === '' || /^\[[0-9;]*$|^O$/.test(rest)) return { keys, rest: typed.slice(at) };
      const letter = String.fromCodePoint(rest.codePointAt(0) ?? 0);
      const control = CONTROLS[letter];
      keys.push({ text: '', name: `M-${control ?? letter.toLowerCase()}` });
      at += 1 + letter.length;
      continue;
    }
    const named = CONTROLS[c];
    const code = c.charCodeAt(0);
    if (named) keys.push({ text: '', name: named });
    else if (code < 32) keys.push({ text: '', name: `C-${String.fromCharCode(code + 96)}` });
    else keys.push({ text: c, name: '' });
    at += c.length;
  }
  return { keys, rest: '' };
}
