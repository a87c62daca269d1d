// A running awk program: statements, rules and functions as closures. Expressions are in awk-compile.ts.

import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import type { Main } from '../../libc/stdio.ts';
import { type Compiled, compileExpression, evaluate, type Scope } from './awk-compile.ts';
import { binary, MainInput } from './awk-input.ts';
import { Streams } from './awk-io.ts';
import { AwkSyntaxError } from './awk-lex.ts';
import { AwkError, AwkState, type Cell, newCell } from './awk-state.ts';
import type { AwkFunction, AwkProgram, Expression, Rule, Statement } from './awk-syntax.ts';
import { getline, waitingCall } from './awk-waiting.ts';
import { Input, sprintf, toBoolean, toNumber, toText, type Value } from './awk-values.ts';

/** What a statement leads to. */
type Flow = 'on' | 'next' | 'nextfile' | 'break' | 'continue' | 'exit' | 'return';
type Run = () => Routine<Flow>;

const DEPTH = 800;

/** A program being run. */
export class Awk {
  readonly main: Main;
  readonly state: AwkState;
  private readonly source: AwkProgram;
  private readonly bodies = new Map<string, { readonly made: AwkFunction; run: Run | undefined }>();
  /** Cells of the parameters of the functions that are running, innermost last. */
  private readonly frames: Cell[][] = [];
  readonly input: MainInput;
  private returned: Value;
  exitStatus = 0;

  constructor(main: Main, source: AwkProgram, operands: readonly string[]) {
    this.main = main;
    this.source = source;
    this.state = new AwkState(new Streams(main.process, main.out, main.err));
    this.input = new MainInput(main, this.state, operands, () => {
      this.exitStatus = 2;
    });
    for (const [name, made] of source.functions) this.bodies.set(name, { made, run: undefined });
    const argv = new Map<string, Value>([
      ['0', main.name],
      ...operands.map((word, i) => [String(i + 1), new Input(binary(word))] as const),
    ]);
    this.state.cell('ARGV').array = argv;
    this.state.cell('ARGC').value = operands.length + 1;
    this.state.cell('ENVIRON').array = new Map(
      [...main.process.environment].map(([name, value]) => [
        binary(name),
        new Input(binary(value)),
      ]),
    );
  }

  private scope(parameters: readonly string[]): Scope {
    return {
      state: this.state,
      cell: (name) => {
        const at = parameters.indexOf(name);
        if (at < 0) {
          const cell = this.state.cell(name);
          return () => cell;
        }
        return () => this.frames.at(-1)?.[at] ?? newCell();
      },
      call: (name, args, line) => this.compileCall(name, args, line, parameters),
      waiting: (name, args) => waitingCall(this, name, args),
      getline: (from, source, store) => getline(this, from, source, store),
    };
  }

  *run(): Routine<number> {
    const { rules } = this.source;
    const scope = this.scope([]);
    const begins = rules
      .filter((rule) => rule.kind === 'begin')
      .map((rule) => this.body(rule, scope));
    const ends = rules.filter((rule) => rule.kind === 'end').map((rule) => this.body(rule, scope));
    const patterns = rules
      .filter((rule) => rule.kind === 'pattern')
      .map((rule) => this.pattern(rule, scope));
    let flow: Flow = 'on';
    for (const run of begins) if (flow !== 'exit') flow = yield* run();
    if (flow !== 'exit' && (patterns.length > 0 || ends.length > 0))
      flow = yield* this.records(patterns);
    let end: Flow = 'on';
    for (const run of ends) if (end !== 'exit') end = yield* run();
    yield* this.state.streams.closeAll();
    return this.exitStatus;
  }

  private *records(patterns: readonly Run[]): Routine<Flow> {
    const { main, state } = this;
    for (;;) {
      const record = yield* this.input.next();
      if (record === undefined) return 'on';
      state.setRecord(record);
      yield* main.process.work(500);
      for (const run of patterns) {
        const flow = yield* run();
        if (flow === 'exit') return flow;
        if (flow === 'nextfile') this.input.close();
        if (flow === 'next' || flow === 'nextfile') break;
      }
      if (main.out.failure) return 'exit';
      yield* this.relieve();
    }
  }

  /** Lets output out where enough is held; the terminal gets it at once. */
  private *relieve(): Routine<void> {
    yield* this.main.out.print('');
  }

  private body(rule: Rule, scope: Scope): Run {
    return this.statement(rule.body ?? { kind: 'block', body: [] }, scope);
  }

  private pattern(rule: Rule, scope: Scope): Run {
    const print: Statement = {
      kind: 'print',
      formatted: false,
      args: [],
      to: undefined,
      target: undefined,
    };
    const run = this.statement(rule.body ?? print, scope);
    if (!rule.from) return run;
    const from = compileExpression(rule.from, scope);
    if (!rule.to) {
      return function* () {
        return toBoolean(yield* evaluate(from)) ? yield* run() : 'on';
      };
    }
    const to = compileExpression(rule.to, scope);
    let active = false;
    return function* () {
      if (!active && !toBoolean(yield* evaluate(from))) return 'on';
      active = !toBoolean(yield* evaluate(to));
      return yield* run();
    };
  }

  private statement(node: Statement, scope: Scope): Run {
    const { main } = this;
    switch (node.kind) {
      case 'expression': {
        const value = compileExpression(node.value, scope);
        return function* () {
          if (value.waits) yield* value.run();
          else value.get();
          return 'on';
        };
      }
      case 'print':
        return this.printing(node, scope);
      case 'if': {
        const test = compileExpression(node.test, scope);
        const yes = this.statement(node.yes, scope);
        const no = node.no && this.statement(node.no, scope);
        return function* () {
          if (toBoolean(yield* evaluate(test))) return yield* yes();
          return no ? yield* no() : 'on';
        };
      }
      case 'block': {
        const runs = node.body.map((statement) => this.statement(statement, scope));
        return function* () {
          for (const run of runs) {
            const flow = yield* run();
            if (flow !== 'on') return flow;
          }
          return 'on';
        };
      }
      case 'while':
        return this.loop(undefined, node.test, undefined, node.body, scope, node.first);
      case 'for':
        return this.loop(node.start, node.test, node.step, node.body, scope, true);
      case 'each':
        return this.each(node, scope);
      case 'jump': {
        const { what } = node;
        return function* () {
          return what;
        };
      }
      case 'exit':
      case 'return':
        return this.leaving(node, scope);
      case 'delete': {
        const cell = scope.cell(node.array);
        const index = node.index && compileExpression(joined(node.index), scope);
        const { state } = this;
        return function* () {
          const { array } = cell();
          if (!index) array?.clear();
          else array?.delete(state.text(yield* evaluate(index)));
          yield* main.process.work(50);
          return 'on';
        };
      }
    }
  }

  private leaving(node: Extract<Statement, { kind: 'exit' | 'return' }>, scope: Scope): Run {
    const value = node.value && compileExpression(node.value, scope);
    const self = this;
    return function* () {
      const result = value ? yield* evaluate(value) : undefined;
      if (node.kind === 'return') {
        self.returned = result;
        return 'return';
      }
      if (value) self.exitStatus = toNumber(result) & 255;
      return 'exit';
    };
  }

  private loop(
    start: Statement | undefined,
    test: Expression | undefined,
    step: Statement | undefined,
    body: Statement,
    scope: Scope,
    testFirst: boolean,
  ): Run {
    const self = this;
    const begin = start && this.statement(start, scope);
    const holds = test && compileExpression(test, scope);
    const after = step && this.statement(step, scope);
    const run = this.statement(body, scope);
    return function* () {
      if (begin) yield* begin();
      for (let first = true; ; first = false) {
        if (holds && (testFirst || !first) && !toBoolean(yield* evaluate(holds))) return 'on';
        const flow = yield* run();
        if (flow === 'break') return 'on';
        if (flow !== 'on' && flow !== 'continue') return flow;
        if (after) yield* after();
        yield* self.main.process.work(200);
        yield* self.relieve();
        if (self.main.out.failure) return 'exit';
      }
    };
  }

  private each(node: Extract<Statement, { kind: 'each' }>, scope: Scope): Run {
    const self = this;
    const array = scope.cell(node.array);
    const variable = scope.cell(node.name);
    const run = this.statement(node.body, scope);
    return function* () {
      for (const key of [...(array().array?.keys() ?? [])]) {
        variable().value = new Input(key);
        const flow = yield* run();
        if (flow === 'break') return 'on';
        if (flow !== 'on' && flow !== 'continue') return flow;
        yield* self.main.process.work(200);
        yield* self.relieve();
      }
      return 'on';
    };
  }

  private printing(node: Extract<Statement, { kind: 'print' }>, scope: Scope): Run {
    const { state, main } = this;
    const parts = node.args.map((arg) => compileExpression(arg, scope));
    const target = node.target && compileExpression(node.target, scope);
    const self = this;
    return function* () {
      const values: Value[] = [];
      for (const part of parts) values.push(part.waits ? yield* part.run() : part.get());
      let text: string;
      if (node.formatted) text = sprintf(values, state.convfmt);
      else {
        const ofmt = String(state.cell('OFMT').value);
        const shown = values.length
          ? values
              .map((value) => (typeof value === 'number' ? toText(value, ofmt) : state.text(value)))
              .join(state.variable('OFS'))
          : state.text(state.field(0));
        text = shown + state.variable('ORS');
      }
      const name = target ? state.text(yield* evaluate(target)) : undefined;
      if (name === undefined || !node.to) {
        main.out.put(state.encode(text));
        return 'on';
      }
      yield* self.printTo(name, node.to, text);
      return 'on';
    };
  }

  private *printTo(name: string, to: '>' | '>>' | '|', text: string): Routine<void> {
    if (to === '|') yield* this.state.streams.out.flush();
    const writer = this.state.streams.output(name, to);
    if (isErrno(writer)) throw new AwkError(`cannot open "${name}" for output`);
    yield* writer.print(this.state.encode(text));
    if (name === '/dev/stderr') yield* writer.flush();
  }

  private compileCall(
    name: string,
    args: readonly Expression[],
    line: number,
    parameters: readonly string[],
  ): Compiled {
    const body = this.bodies.get(name);
    if (!body) throw new Error(`a call of ${name}, which the parser let through`);
    const { made } = body;
    if (args.length > made.parameters.length) {
      throw new AwkSyntaxError(`line ${line}: too many arguments in call to ${name}`);
    }
    const scope = this.scope(parameters);
    const givers = args.map((arg) => this.argument(arg, scope));
    const self = this;
    return {
      waits: true,
      *run() {
        body.run ??= self.statement(made.body, self.scope(made.parameters));
        if (self.frames.length > DEPTH) throw new AwkError('function call nesting too deep');
        const frame: Cell[] = [];
        for (const giver of givers) frame.push(yield* giver());
        while (frame.length < made.parameters.length) frame.push(newCell());
        self.frames.push(frame);
        self.returned = undefined;
        const flow = yield* body.run();
        self.frames.pop();
        if (flow === 'exit') throw new ExitInFunction();
        const result = self.returned;
        self.returned = undefined;
        return result;
      },
    };
  }

  /** Arrays (and names that may become arrays) go by reference, values by copy. */
  private argument(arg: Expression, scope: Scope): () => Routine<Cell> {
    if (arg.kind === 'variable' && arg.name !== 'NF') {
      const cell = scope.cell(arg.name);
      return function* () {
        const found = cell();
        if (found.array || found.value === undefined)
          return found.array ? found : sharedCell(found);
        return newCell(found.value);
      };
    }
    const value = compileExpression(arg, scope);
    return function* () {
      return newCell(yield* evaluate(value));
    };
  }
}

/** exit inside a function: unwinds to the rules. */
export class ExitInFunction extends Error {}

function joined(index: readonly Expression[]): Expression {
  const separator: Expression = { kind: 'variable', name: 'SUBSEP' };
  return index.reduce((left, right) => ({
    kind: 'binary',
    operator: ' ',
    left: { kind: 'binary', operator: ' ', left, right: separator },
    right,
  }));
}

/** A name that nobody has used: if the function makes it an array, the caller sees that. */
function sharedCell(outer: Cell): Cell {
  return {
    value: undefined,
    get array() {
      return outer.array;
    },
    set array(made) {
      outer.array = made;
    },
  };
}
