// The tree of a Python program, with the names of the module ast.

import type { Span } from './tokens.ts';

export interface Parameter {
  readonly name: string;
  readonly default: Expression | undefined;
}

/** A function's parameters: positional (the first `positionalOnly` by place alone), *rest, by name only, **rest. */
export interface Parameters {
  readonly positional: readonly Parameter[];
  readonly rest: string | undefined;
  readonly keywordOnly: readonly Parameter[];
  readonly keywordRest: string | undefined;
}

export interface Comprehension {
  readonly target: Expression;
  readonly iterable: Expression;
  readonly conditions: readonly Expression[];
}

/** An argument of a call: plain, `name=`, `*` or `**`. */
export interface Argument {
  readonly star: '' | '*' | '**';
  readonly name: string | undefined;
  readonly value: Expression;
}

/** A piece of an f-string: text, or a value with its conversion and format. */
export type FormatPiece =
  | string
  | {
      readonly value: Expression;
      readonly conversion: string;
      readonly format: readonly FormatPiece[] | undefined;
    };

type At = { readonly at: Span };

export type Expression = At &
  (
    | { readonly kind: 'Constant'; readonly value: null | boolean | bigint | number | string }
    | { readonly kind: 'Bytes'; readonly value: Uint8Array }
    | { readonly kind: 'Ellipsis' }
    | { readonly kind: 'Name'; readonly name: string }
    | { readonly kind: 'JoinedStr'; readonly pieces: readonly FormatPiece[] }
    | { readonly kind: 'Tuple' | 'List' | 'Set'; readonly items: readonly Expression[] }
    | {
        readonly kind: 'Dict';
        /** A key that is undefined is `**value`. */
        readonly items: readonly (readonly [Expression | undefined, Expression])[];
      }
    | { readonly kind: 'Starred'; readonly value: Expression }
    | { readonly kind: 'Attribute'; readonly value: Expression; readonly name: string }
    | { readonly kind: 'Subscript'; readonly value: Expression; readonly index: Expression }
    | {
        readonly kind: 'Slice';
        readonly from: Expression | undefined;
        readonly to: Expression | undefined;
        readonly step: Expression | undefined;
      }
    | { readonly kind: 'Call'; readonly callee: Expression; readonly args: readonly Argument[] }
    | { readonly kind: 'UnaryOp'; readonly op: string; readonly operand: Expression }
    | {
        readonly kind: 'BinOp';
        readonly op: string;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'BoolOp'; readonly op: 'and' | 'or'; readonly values: readonly Expression[] }
    | {
        readonly kind: 'Compare';
        readonly left: Expression;
        readonly rest: readonly (readonly [string, Expression])[];
      }
    | {
        readonly kind: 'IfExp';
        readonly test: Expression;
        readonly body: Expression;
        readonly otherwise: Expression;
      }
    | { readonly kind: 'Lambda'; readonly parameters: Parameters; readonly body: Expression }
    | { readonly kind: 'NamedExpr'; readonly name: string; readonly value: Expression }
    | { readonly kind: 'Yield'; readonly value: Expression | undefined; readonly from: boolean }
    | {
        readonly kind: 'Comp';
        readonly of: 'list' | 'set' | 'dict' | 'generator';
        readonly element: Expression;
        /** The value of a dict's pair. */
        readonly value: Expression | undefined;
        readonly clauses: readonly Comprehension[];
      }
  );

export type ExpressionKind = Expression['kind'];
export type ExpressionOf<K extends ExpressionKind> = Extract<Expression, { readonly kind: K }>;

export interface Handler {
  readonly type: Expression | undefined;
  readonly name: string | undefined;
  readonly body: readonly Statement[];
}

export interface FunctionDefinition {
  readonly name: string;
  readonly parameters: Parameters;
  readonly body: readonly Statement[];
  readonly isGenerator: boolean;
  readonly globals: ReadonlySet<string>;
  readonly nonlocals: ReadonlySet<string>;
  /** Names that are bound in it, so local. */
  readonly locals: ReadonlySet<string>;
}

export type Statement = At &
  (
    | { readonly kind: 'Expr'; readonly value: Expression }
    | {
        readonly kind: 'Assign';
        readonly targets: readonly Expression[];
        readonly value: Expression;
      }
    | {
        readonly kind: 'AugAssign';
        readonly target: Expression;
        readonly op: string;
        readonly value: Expression;
      }
    | {
        readonly kind: 'AnnAssign';
        readonly target: Expression;
        readonly annotation: Expression;
        readonly value: Expression | undefined;
      }
    | { readonly kind: 'Return'; readonly value: Expression | undefined }
    | { readonly kind: 'Delete'; readonly targets: readonly Expression[] }
    | { readonly kind: 'Pass' | 'Break' | 'Continue' }
    | { readonly kind: 'Global' | 'Nonlocal'; readonly names: readonly string[] }
    | {
        readonly kind: 'Raise';
        readonly value: Expression | undefined;
        readonly cause: Expression | undefined;
      }
    | {
        readonly kind: 'Assert';
        readonly test: Expression;
        readonly message: Expression | undefined;
      }
    | {
        readonly kind: 'Import';
        readonly names: readonly { readonly name: string; readonly as: string | undefined }[];
      }
    | {
        readonly kind: 'ImportFrom';
        readonly module: string;
        readonly level: number;
        readonly names: readonly { readonly name: string; readonly as: string | undefined }[];
      }
    | {
        readonly kind: 'If' | 'While';
        readonly test: Expression;
        readonly body: readonly Statement[];
        readonly otherwise: readonly Statement[];
      }
    | {
        readonly kind: 'For';
        readonly target: Expression;
        readonly iterable: Expression;
        readonly body: readonly Statement[];
        readonly otherwise: readonly Statement[];
      }
    | {
        readonly kind: 'Try';
        readonly body: readonly Statement[];
        readonly handlers: readonly Handler[];
        readonly otherwise: readonly Statement[];
        readonly final: readonly Statement[];
      }
    | {
        readonly kind: 'With';
        readonly items: readonly {
          readonly value: Expression;
          readonly target: Expression | undefined;
        }[];
        readonly body: readonly Statement[];
      }
    | {
        readonly kind: 'FunctionDef';
        readonly definition: FunctionDefinition;
        readonly decorators: readonly Expression[];
      }
    | {
        readonly kind: 'ClassDef';
        readonly name: string;
        readonly bases: readonly Argument[];
        readonly body: readonly Statement[];
        readonly decorators: readonly Expression[];
      }
  );

export type StatementKind = Statement['kind'];
export type StatementOf<K extends StatementKind> = Extract<Statement, { readonly kind: K }>;
