// Expanding words: pieces that need no command run on a synchronous path; command and process
// substitutions block, and make the path a routine.

import type { Routine } from '../../../core/wait.ts';
import { arithmetic, unboundStatus } from '../assign.ts';
import { processSubstitution, substitute } from '../run/substitute.ts';
import type { Shell } from '../shell.ts';
import type { ParameterPiece, Piece, Word } from '../syntax/tree.ts';
import { ExpansionFailure } from './failure.ts';
import { Fields, type FieldsMode } from './fields.ts';
import { expandParameter } from './parameters.ts';
import { expandTilde } from './tilde.ts';

/** The fields of words. */
export function* expandWords(shell: Shell, words: readonly Word[]): Routine<string[]> {
  const out: string[] = [];
  for (const word of words) {
    if (word.literal !== undefined) out.push(word.literal);
    else yield* expandInto(shell, word, out);
  }
  return out;
}

/** Adds the fields of a quick word. */
export function expandNow(shell: Shell, word: Word, out: string[]): void {
  const fields = new Fields(shell, 'fields', out);
  for (const piece of word.pieces) addNow(fields, piece);
  fields.finish();
}

/** Adds the fields of one word. */
export function* expandInto(shell: Shell, word: Word, out: string[]): Routine<void> {
  if (word.quick) {
    expandNow(shell, word, out);
    return;
  }
  const fields = new Fields(shell, 'fields', out);
  const { pieces } = word;
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i] as Piece;
    if (!addNow(fields, piece)) yield* addPiece(fields, piece);
  }
  fields.finish();
}

/**
 * The text of a word where it is not split (assignments, redirections, here-documents, patterns …).
 */
export function* expandText(
  shell: Shell,
  word: Word,
  mode: FieldsMode = 'string',
): Routine<string> {
  if (word.literal !== undefined && (mode === 'string' || word.literal === '')) return word.literal;
  const fields = new Fields(shell, mode);
  yield* addPieces(fields, word.pieces);
  return fields.result();
}

/** The text of a word that runs no command; undefined where it does. */
export function textNow(shell: Shell, word: Word): string | undefined {
  if (word.literal !== undefined) return word.literal;
  if (word.blocks) return undefined;
  const [only] = word.pieces;
  if (
    word.pieces.length === 1 &&
    only?.kind === 'arithmetic' &&
    only.expression.literal !== undefined
  ) {
    return String(arithmetic(shell, only.expression.literal));
  }
  const fields = new Fields(shell, 'string');
  for (const piece of word.pieces) if (!addNow(fields, piece)) return undefined;
  return fields.result();
}

/**
 * Adds pieces to fields. `splitText`: text outside quotes is split too (operands of `${v:-a b}`).
 */
export function* addPieces(
  fields: Fields,
  pieces: readonly Piece[],
  splitText = false,
): Routine<void> {
  for (const piece of pieces) {
    if (splitText && piece.kind === 'text' && !piece.quoted) fields.split(piece.text);
    else if (!addNow(fields, piece)) yield* addPiece(fields, piece);
  }
}

/** Adds a piece that cannot block; false where it is another kind. */
function addNow(fields: Fields, piece: Piece): boolean {
  if (piece.kind === 'text') {
    if (piece.quoted) fields.quoted(piece.text);
    else fields.literal(piece.text);
    return true;
  }
  if (piece.kind === 'parameter') return piece.plain && addParameter(fields, piece);
  if (piece.kind === 'arithmetic' && piece.expression.literal !== undefined) {
    const value = String(arithmetic(fields.shell, piece.expression.literal));
    if (piece.quoted) fields.quoted(value);
    else fields.split(value);
    return true;
  }
  return false;
}

function addParameter(fields: Fields, piece: ParameterPiece): boolean {
  const { shell } = fields;
  const { name, quoted } = piece;
  if (name === '@' || name === '*') {
    fields.list(shell.positional, name === '*', quoted);
    return true;
  }
  const value = shell.parameter(name);
  if (value === undefined) {
    if (shell.option('nounset')) throw unbound(shell, name);
    if (quoted) fields.quoted('');
    return true;
  }
  if (quoted) fields.quoted(value);
  else fields.split(value);
  return true;
}

/** What `set -u` says. */
export function unbound(shell: Shell, name: string): ExpansionFailure {
  const said = /^\d/.test(name) ? `$${name}` : name;
  if (shell.dialect.extended) {
    return new ExpansionFailure(`${said}: unbound variable`, 'shell', unboundStatus(shell));
  }
  return new ExpansionFailure(`${name}: parameter not set`, 'shell', 2);
}

function* addPiece(fields: Fields, piece: Piece): Routine<void> {
  const { shell } = fields;
  switch (piece.kind) {
    case 'parameter':
      yield* expandParameter(fields, piece);
      return;
    case 'command': {
      const value = yield* substitute(shell, piece.source);
      if (piece.quoted) fields.quoted(value);
      else fields.split(value);
      return;
    }
    case 'arithmetic': {
      const text = yield* expandText(shell, piece.expression);
      const value = String(arithmetic(shell, text));
      if (piece.quoted) fields.quoted(value);
      else fields.split(value);
      return;
    }
    case 'process':
      fields.quoted(yield* processSubstitution(shell, piece));
      return;
    case 'tilde':
      fields.quoted(expandTilde(shell, piece.user));
      return;
    case 'text':
      addNow(fields, piece);
  }
}
