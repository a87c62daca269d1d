// What the shell runs: its own tree, built once and kept. Words are already taken
// apart into pieces, so that running a loop parses nothing.

/** One part of a word. `quoted`: inside double quotes, so that it is neither split nor globbed. */
export type Piece =
  | TextPiece
  | ParameterPiece
  | CommandPiece
  | ArithmeticPiece
  | ProcessPiece
  | TildePiece;

export interface TextPiece {
  readonly kind: 'text';
  readonly text: string;
  readonly quoted: boolean;
}

/** `$name` and `${…}`. */
export interface ParameterPiece {
  readonly kind: 'parameter';
  readonly name: string;
  readonly quoted: boolean;
  /** `!` (indirect, names, keys) or `#` (length) before the name. */
  readonly prefix: '' | '!' | '#';
  /** The subscript's text, `@` and `*` included; undefined where there is none. */
  readonly index: Word | undefined;
  /** `:-`, `##`, `//`, `@` … or '' where there is none; 'bad' for a bad substitution. */
  readonly operator: string;
  readonly operand: Word | undefined;
  readonly replacement: Word | undefined;
  /** As written, for messages. */
  readonly raw: string;
  /** No prefix, subscript or operator: the fast case. */
  readonly plain: boolean;
}

export interface CommandPiece {
  readonly kind: 'command';
  readonly source: string;
  readonly quoted: boolean;
}

export interface ArithmeticPiece {
  readonly kind: 'arithmetic';
  readonly expression: Word;
  readonly quoted: boolean;
}

export interface ProcessPiece {
  readonly kind: 'process';
  readonly direction: '<' | '>';
  readonly source: string;
}

export interface TildePiece {
  readonly kind: 'tilde';
  /** What follows the tilde: a user, `+`, `-` or nothing. */
  readonly user: string;
}

export interface Word {
  readonly raw: string;
  readonly pieces: readonly Piece[];
  /** The value where nothing is to be expanded: exactly one field. */
  readonly literal: string | undefined;
  /** True where expanding may run a command (and so block). */
  readonly blocks: boolean;
  /** Made of texts, plain parameters and arithmetic only: expanded without a routine. */
  readonly quick: boolean;
}

export interface Assignment {
  readonly name: string;
  readonly index: Word | undefined;
  readonly append: boolean;
  readonly value: Word | readonly ArrayElement[];
}

/** One element of `name=( … )`; `words` are its brace expansion. */
export interface ArrayElement {
  readonly key: Word | undefined;
  readonly append: boolean;
  readonly words: readonly Word[];
}

export interface Redirect {
  readonly operator: string;
  readonly fd: number | undefined;
  /** `{name}>file`. */
  readonly variable: string | undefined;
  readonly target: Word;
  /** Of a here-document: its delimiter as written. */
  readonly delimiter?: string | undefined;
}

/** An argument: a word, or an assignment after declare and its like. */
export type Argument = Word | { readonly assignment: Assignment; readonly raw: string };

export interface Simple {
  readonly kind: 'simple';
  readonly line: number;
  readonly assignments: readonly Assignment[];
  readonly words: readonly Argument[];
  readonly redirects: readonly Redirect[];
  /** The source, as `jobs` shows it. */
  readonly text: string;
  /** Only plain assignments of quick words: the commonest step of a loop. */
  readonly quickAssignments: boolean;
}
export interface Redirected {
  readonly kind: 'redirected';
  readonly command: Node;
  readonly redirects: readonly Redirect[];
}
export interface Pipeline {
  readonly kind: 'pipeline';
  readonly commands: readonly Node[];
  /** `|&` after the command of the same number. */
  readonly both: readonly boolean[];
  readonly negate: boolean;
  readonly time: 'no' | 'bash' | 'posix';
}
export interface AndOr {
  readonly kind: 'and-or';
  readonly commands: readonly Node[];
  readonly operators: readonly ('&&' | '||')[];
}
export interface If {
  readonly kind: 'if';
  readonly branches: readonly { readonly condition: List; readonly body: List }[];
  readonly otherwise: List | undefined;
}
export interface For {
  readonly kind: 'for' | 'select';
  readonly line: number;
  readonly name: string;
  readonly words: readonly Word[] | undefined;
  readonly body: List;
}
export interface ArithmeticFor {
  readonly kind: 'arithmetic-for';
  readonly line: number;
  readonly initialize: Word;
  readonly test: Word;
  readonly update: Word;
  readonly body: List;
}
export interface While {
  readonly kind: 'while' | 'until';
  readonly condition: List;
  readonly body: List;
}
export interface Case {
  readonly kind: 'case';
  readonly line: number;
  readonly word: Word;
  readonly items: readonly {
    readonly patterns: readonly Word[];
    readonly body: List;
    readonly end: ';;' | ';&' | ';;&';
  }[];
}
export interface Block {
  readonly kind: 'group' | 'subshell';
  readonly body: List;
  readonly line: number;
}
export interface Conditional {
  readonly kind: 'conditional';
  readonly line: number;
  readonly expression: TestNode;
  readonly text: string;
}
export interface ArithmeticCommand {
  readonly kind: 'arithmetic';
  readonly line: number;
  readonly expression: Word;
}
export interface FunctionDefinition {
  readonly kind: 'function';
  readonly line: number;
  readonly name: string;
  readonly body: Node;
  /** The whole source, which `line` counts in. */
  readonly file: string;
  /** Where it was defined, as BASH_SOURCE has it. */
  readonly source?: string;
}
export interface Coproc {
  readonly kind: 'coproc';
  readonly name: string;
  readonly body: Node;
}

export type Node =
  | Simple
  | Redirected
  | Pipeline
  | AndOr
  | If
  | For
  | ArithmeticFor
  | While
  | Case
  | Block
  | Conditional
  | ArithmeticCommand
  | FunctionDefinition
  | Coproc;

/** One command of a list. */
export interface Statement {
  readonly node: Node;
  readonly background: boolean;
  /** Where its text begins in the source. */
  readonly position: number;
  readonly text: string;
}
export type List = readonly Statement[];

/** The expression of `[[ … ]]`. */
export type TestNode =
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Word }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Word;
      readonly right: Word;
    }
  | {
      readonly kind: 'logical';
      readonly operator: '&&' | '||';
      readonly operands: readonly TestNode[];
    }
  | { readonly kind: 'not'; readonly operand: TestNode };
