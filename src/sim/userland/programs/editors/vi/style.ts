// The words of the two editors that answer to `vi`: vim's (Debian's vim-tiny 9.0) and BusyBox' own (1.36).

import { decode } from '../../../../core/text.ts';
import type { Vi } from './state.ts';

export interface Style {
  /** What the last line says when a file was opened; nothing where only `status` speaks. */
  opened(path: string, bytes: Uint8Array | undefined, lines: number): string;
  written(path: string, exists: boolean, lines: number, bytes: number): string;
  /** Leaving with changes that are not in the file; `command` is what was typed. */
  unsaved(command: string): string;
  unknown(line: string): string;
  notFound(pattern: string): string;
  /** The last line in a mode, or while there is nothing to say. */
  status(vi: Vi, modified: boolean): string;
  /** Line, column and place at the right end of the last line. */
  readonly ruler: boolean;
}

const MODES: Readonly<Record<string, string>> = {
  insert: '-- INSERT --',
  replace: '-- REPLACE --',
  visual: '-- VISUAL --',
  'visual line': '-- VISUAL LINE --',
};

export const VIM: Style = {
  opened(path, bytes, lines) {
    if (bytes === undefined) return `"${path}" [New]`;
    const text = decode(bytes);
    const unended = text !== '' && !text.endsWith('\n') ? '[noeol] ' : '';
    return `"${path}" ${unended}${text === '' ? 0 : lines}L, ${bytes.length}B`;
  },
  written: (path, exists, lines, bytes) =>
    `"${path}"${exists ? '' : ' [New]'} ${lines}L, ${bytes}B written`,
  unsaved: () => 'E37: No write since last change (add ! to override)',
  unknown: (line) => `E492: Not an editor command: ${line}`,
  notFound: (pattern) => `E486: Pattern not found: ${pattern}`,
  status: (vi) => MODES[vi.mode] ?? '',
  ruler: true,
};

const INDICATORS: Readonly<Record<string, string>> = { insert: 'I', replace: 'R' };

export const BUSYBOX_VI: Style = {
  opened: () => '',
  written: (path, exists, lines, bytes) =>
    `'${path}'${exists ? '' : ' [New file]'} ${lines}L, ${bytes}C`,
  unsaved: (command) => `No write since last change (:${command}! overrides)`,
  unknown: (line) => `'${line}' is not implemented`,
  notFound: () => 'Pattern not found',
  status(vi, modified) {
    const [row, total] = [vi.at.row + 1, vi.lines.length];
    const flags = (vi.options.readonly ? ' [Readonly]' : '') + (modified ? ' [Modified]' : '');
    const name = vi.path === '' ? 'No file' : vi.path;
    return `${INDICATORS[vi.mode] ?? '-'} ${name}${flags} ${row}/${total} ${Math.floor((100 * row) / total)}%`;
  },
  ruler: false,
};
