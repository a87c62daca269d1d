// Scopes: names and what they are bound to. `let`, `const` and classes are there from a block's beginning and may not be
// used before their line.

import type { AnyNode, Pattern, Statement } from 'acorn';
import type { Value } from './values.ts';

export interface Binding {
  value: Value;
  /** False before its declaration has run. */
  ready: boolean;
  readonly constant: boolean;
}

export class Scope {
  readonly names = new Map<string, Binding>();
  readonly parent: Scope | undefined;
  /** Of functions: `this`, super and the like are looked up through arrows. */
  readonly call: Call | undefined;
  constructor(parent: Scope | undefined, call: Call | undefined = parent?.call) {
    this.parent = parent;
    this.call = call;
  }

  declare(name: string, value: Value, constant = false): void {
    this.names.set(name, { value, ready: true, constant });
  }

  find(name: string): Binding | undefined {
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      const binding = scope.names.get(name);
      if (binding) return binding;
    }
    return undefined;
  }
}

/** One call of a function that has a `this` of its own. */
export interface Call {
  self: Value;
  /** False in a constructor of a derived class before super(). */
  ready: boolean;
  readonly target: Value;
  /** The object whose prototype `super` starts from, and the class's parent. */
  readonly home: Value;
  readonly parentClass: Value;
  /** Initialises fields once `this` is there. */
  readonly fields: Value;
}

/** The names that a pattern binds. */
export function boundNames(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === 'RestElement' ? property.argument : property.value),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? boundNames(element) : []));
    case 'RestElement':
      return boundNames(pattern.argument);
    case 'AssignmentPattern':
      return boundNames(pattern.left);
    default:
      return [];
  }
}

const hoisted = new WeakMap<object, readonly string[]>();

/** The names that `var` declares in a function's body, blocks in it included. */
export function varNames(body: readonly AnyNode[]): readonly string[] {
  let names = hoisted.get(body);
  if (!names) {
    const found = new Set<string>();
    for (const node of body) collect(node, found);
    names = [...found];
    hoisted.set(body, names);
  }
  return names;
}

function collect(node: AnyNode | null | undefined, found: Set<string>): void {
  if (!node) return;
  switch (node.type) {
    case 'VariableDeclaration':
      if (node.kind === 'var')
        for (const { id } of node.declarations) for (const name of boundNames(id)) found.add(name);
      return;
    case 'BlockStatement':
      for (const one of node.body) collect(one, found);
      return;
    case 'IfStatement':
      collect(node.consequent, found);
      collect(node.alternate, found);
      return;
    case 'ForStatement':
      if (node.init?.type === 'VariableDeclaration') collect(node.init, found);
      collect(node.body, found);
      return;
    case 'ForInStatement':
    case 'ForOfStatement':
      if (node.left.type === 'VariableDeclaration') collect(node.left, found);
      collect(node.body, found);
      return;
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'LabeledStatement':
      collect(node.body, found);
      return;
    case 'TryStatement':
      collect(node.block, found);
      collect(node.handler?.body, found);
      collect(node.finalizer, found);
      return;
    case 'SwitchStatement':
      for (const one of node.cases) for (const inner of one.consequent) collect(inner, found);
      return;
    case 'ExportNamedDeclaration':
      collect(node.declaration, found);
      return;
    default:
  }
}

/** Declares what a block declares: functions at once (by `define`), the rest as not ready. */
export function hoist(
  scope: Scope,
  body: readonly AnyNode[],
  define: (node: Extract<AnyNode, { type: 'FunctionDeclaration' }>) => Value,
): void {
  for (const outer of body) {
    const node = declarationOf(outer);
    if (node?.type === 'FunctionDeclaration' && node.id) scope.declare(node.id.name, undefined);
    else if (node?.type === 'ClassDeclaration' && node.id)
      scope.names.set(node.id.name, { value: undefined, ready: false, constant: false });
    else if (node?.type === 'VariableDeclaration' && node.kind !== 'var')
      for (const { id } of node.declarations)
        for (const name of boundNames(id))
          scope.names.set(name, {
            value: undefined,
            ready: false,
            constant: node.kind === 'const',
          });
  }
  for (const outer of body) {
    const node = declarationOf(outer);
    if (node?.type === 'FunctionDeclaration' && node.id) scope.declare(node.id.name, define(node));
  }
}

function declarationOf(node: AnyNode): Statement | AnyNode | null | undefined {
  return node.type === 'ExportNamedDeclaration' ? node.declaration : node;
}
