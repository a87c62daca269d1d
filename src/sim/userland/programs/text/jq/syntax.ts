// The tree of a jq program.

import type { BinaryOperator, Json } from './values.ts';

/** `=`, `|=` and the arithmetic updates. */
export type AssignOperator = '=' | '|=' | '+=' | '-=' | '*=' | '/=' | '%=' | '//=';

export type Term =
  | { readonly kind: 'identity' }
  | { readonly kind: 'recurse' }
  | { readonly kind: 'literal'; readonly value: Json }
  | {
      readonly kind: 'string';
      readonly format: string | undefined;
      readonly parts: readonly (string | Term)[];
    }
  | { readonly kind: 'format'; readonly name: string }
  | { readonly kind: 'index'; readonly of: Term; readonly key: Term; readonly quiet: boolean }
  | {
      readonly kind: 'slice';
      readonly of: Term;
      readonly from: Term | undefined;
      readonly to: Term | undefined;
      readonly quiet: boolean;
    }
  | { readonly kind: 'each'; readonly of: Term; readonly quiet: boolean }
  | { readonly kind: 'pipe'; readonly left: Term; readonly right: Term }
  | { readonly kind: 'comma'; readonly left: Term; readonly right: Term }
  | { readonly kind: 'negate'; readonly body: Term }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Term;
      readonly right: Term;
    }
  | { readonly kind: 'and'; readonly left: Term; readonly right: Term }
  | { readonly kind: 'or'; readonly left: Term; readonly right: Term }
  | { readonly kind: 'alternative'; readonly left: Term; readonly right: Term }
  | {
      readonly kind: 'assign';
      readonly operator: AssignOperator;
      readonly left: Term;
      readonly right: Term;
    }
  | { readonly kind: 'array'; readonly body: Term | undefined }
  | {
      readonly kind: 'object';
      readonly fields: readonly { readonly key: Term; readonly value: Term }[];
    }
  | { readonly kind: 'if'; readonly test: Term; readonly yes: Term; readonly no: Term }
  | { readonly kind: 'try'; readonly body: Term; readonly handler: Term | undefined }
  | {
      readonly kind: 'reduce';
      readonly source: Term;
      readonly patterns: readonly Pattern[];
      readonly start: Term;
      readonly update: Term;
    }
  | {
      readonly kind: 'foreach';
      readonly source: Term;
      readonly patterns: readonly Pattern[];
      readonly start: Term;
      readonly update: Term;
      readonly extract: Term | undefined;
    }
  | {
      readonly kind: 'bind';
      readonly source: Term;
      readonly patterns: readonly Pattern[];
      readonly body: Term;
    }
  | { readonly kind: 'define'; readonly definition: Definition; readonly body: Term }
  | { readonly kind: 'label'; readonly name: string; readonly body: Term }
  | { readonly kind: 'break'; readonly name: string; readonly at: number }
  | { readonly kind: 'variable'; readonly name: string; readonly at: number }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Term[];
      readonly at: number;
    };

/** `def name(params): body;` A parameter that begins with `$` is also a variable. */
export interface Definition {
  readonly name: string;
  readonly params: readonly string[];
  readonly body: Term;
}

/** What stands after `as`. */
export type Pattern =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'array'; readonly items: readonly Pattern[] }
  | {
      readonly kind: 'object';
      readonly fields: readonly {
        readonly key: Term;
        readonly variable: string | undefined;
        readonly value: Pattern | undefined;
      }[];
    };

/** An error in the program's text, at a place in it. */
export class SyntaxProblem extends Error {
  readonly at: number;
  /** What the grammar says besides, where it recovers from the error. */
  readonly notes: { readonly message: string; readonly at: number }[] = [];
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}
