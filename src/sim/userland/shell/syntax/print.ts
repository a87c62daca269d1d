// Commands as bash writes them out: `declare -f`, `type`, and the texts of jobs.

import type {
  Argument,
  Assignment,
  FunctionDefinition,
  List,
  Node,
  Redirect,
  Word,
} from './tree.ts';

const STEP = '    ';

/** A function's definition, ended by a newline. */
export function printFunction(definition: FunctionDefinition): string {
  const { body } = definition;
  const redirects =
    body.kind === 'redirected' ? ` ${body.redirects.map(printRedirect).join(' ')}` : '';
  const inner = body.kind === 'redirected' ? body.command : body;
  const list: List =
    inner.kind === 'group'
      ? inner.body
      : [{ node: inner, background: false, position: 0, text: '' }];
  return `${definition.name} () \n{ \n${printList(list, 1)}\n}${redirects}\n`;
}

/** A command on one line, as a job's text. */
export function printNode(node: Node): string {
  return printed(node, 0);
}

function indent(level: number): string {
  return STEP.repeat(level);
}

/** The commands of a list, each on a line of its own, with `;` between. */
function printList(list: List, level: number): string {
  return list
    .map((statement, i) => {
      const end = statement.background ? ' &' : i < list.length - 1 ? ';' : '';
      return `${indent(level)}${printed(statement.node, level)}${end}`;
    })
    .join('\n');
}

/** The commands of a list on one line. */
function inline(list: List, level: number): string {
  return list
    .map((statement, i) => {
      const last = i === list.length - 1;
      const end = statement.background ? ' &' : last ? '' : ';';
      return `${printed(statement.node, level)}${end}`;
    })
    .join(' ');
}

function body(list: List, level: number): string {
  const text = printList(list, level + 1);
  return list.at(-1)?.background ? text : `${text};`;
}

function printed(node: Node, level: number): string {
  const pad = indent(level);
  switch (node.kind) {
    case 'simple':
      return printSimple(node.assignments, node.words, node.redirects);
    case 'redirected':
      return `${printed(node.command, level)} ${node.redirects.map(printRedirect).join(' ')}`;
    case 'pipeline': {
      const time = node.time === 'no' ? '' : node.time === 'posix' ? 'time -p ' : 'time ';
      const parts = node.commands.map((command, i) => {
        const operator = i === node.commands.length - 1 ? '' : node.both[i] ? ' 2>&1 | ' : ' | ';
        return printed(command, level) + operator;
      });
      return `${time}${node.negate ? '! ' : ''}${parts.join('')}`;
    }
    case 'and-or':
      return node.commands
        .map(
          (command, i) => (i === 0 ? '' : ` ${node.operators[i - 1]} `) + printed(command, level),
        )
        .join('');
    case 'group':
      return level === 0
        ? `{ ${inline(node.body, level)}; }`
        : `{ \n${printList(node.body, level + 1)}\n${pad}}`;
    case 'subshell':
      return `( ${inline(node.body, level)} )`;
    case 'if': {
      let text = '';
      for (const [i, branch] of node.branches.entries()) {
        const word = i === 0 ? 'if' : `${pad}elif`;
        text += `${word} ${inline(branch.condition, level)}; then\n${body(branch.body, level)}\n`;
      }
      if (node.otherwise) text += `${pad}else\n${body(node.otherwise, level)}\n`;
      return `${text}${pad}fi`;
    }
    case 'while':
    case 'until':
      return `${node.kind} ${inline(node.condition, level)}; do\n${body(node.body, level)}\n${pad}done`;
    default:
      return printedOther(node, level);
  }
}

function printedOther(node: Node, level: number): string {
  const pad = indent(level);
  switch (node.kind) {
    case 'for':
    case 'select': {
      const words = node.words ? ` in ${node.words.map((word) => word.raw).join(' ')}` : ' in "$@"';
      const head = `${node.kind} ${node.name}${words};\n${pad}do\n`;
      return `${head}${body(node.body, level)}\n${pad}done`;
    }
    case 'arithmetic-for': {
      const parts = [node.initialize, node.test, node.update].map((word) => word.raw);
      return `for ((${parts.join('; ')}))\n${pad}do\n${body(node.body, level)}\n${pad}done`;
    }
    case 'case': {
      const items = node.items.map((item) => {
        const patterns = item.patterns.map((pattern) => pattern.raw).join(' | ');
        const inside = item.body.length > 0 ? `${printList(item.body, level + 2)}\n` : '';
        return `${indent(level + 1)}${patterns})\n${inside}${indent(level + 1)}${item.end}\n`;
      });
      return `case ${node.word.raw} in \n${items.join('')}${pad}esac`;
    }
    case 'conditional':
      return node.text;
    case 'arithmetic':
      return `((${node.expression.raw}))`;
    case 'function':
      return `function ${printFunction(node).trimEnd()}`;
    case 'coproc':
      return `coproc ${node.name} ${printed(node.body, level)}`;
    default:
      return '';
  }
}

/** The texts of here-documents, which follow the line that they are named on. */
function documents(redirects: readonly Redirect[]): string {
  return redirects
    .filter(({ delimiter }) => delimiter !== undefined)
    .map(({ target, delimiter = '' }) => `\n${target.raw}${delimiter.replace(/['"\\]/g, '')}\n`)
    .join('');
}

function printSimple(
  assignments: readonly Assignment[],
  words: readonly Argument[],
  redirects: readonly Redirect[],
): string {
  return (
    [
      ...assignments.map(printAssignment),
      ...words.map((word) => word.raw),
      ...redirects.map(printRedirect),
    ].join(' ') + documents(redirects)
  );
}

/** An assignment as written. */
export function printAssignment(assignment: Assignment): string {
  const { value } = assignment;
  const index = assignment.index ? `[${assignment.index.raw}]` : '';
  const text = isWord(value)
    ? value.raw
    : `(${value.map(({ key, words }) => (key ? `[${key.raw}]=` : '') + words.map((word) => word.raw).join(' ')).join(' ')})`;
  return `${assignment.name}${index}${assignment.append ? '+=' : '='}${text}`;
}

function isWord(value: Assignment['value']): value is Word {
  return 'raw' in value;
}

function printRedirect(redirect: Redirect): string {
  const fd = redirect.variable !== undefined ? `{${redirect.variable}}` : (redirect.fd ?? '');
  const tight =
    redirect.operator === '>&' || redirect.operator === '<&' || redirect.operator.startsWith('<<');
  const standard = redirect.operator === '>&' && redirect.fd === undefined ? '1' : fd;
  if (redirect.delimiter !== undefined) return `${fd}${redirect.operator}${redirect.delimiter}`;
  return `${tight ? standard : fd}${redirect.operator}${tight ? '' : ' '}${redirect.target.raw}`;
}
