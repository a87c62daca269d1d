// The ports of EXPOSE: numbers, ranges, protocols; addresses and host ports are told of and left out.

import { BuildError } from './errors.ts';
import type { Instruction } from './instructions.ts';
import type { Linter } from './lint.ts';

function portNumber(text: string): number | undefined {
  return /^\d+$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

function range(text: string): [number, number] | undefined {
  const [first = '', last = first] = text.split('-');
  const start = portNumber(first);
  const end = portNumber(last);
  return start === undefined || end === undefined || end < start ? undefined : [start, end];
}

function portOf(text: string, lint: Linter, instruction: Instruction): string[] {
  const parts = text.split(':');
  const container = parts.at(-1) ?? '';
  const host = parts.at(-2) ?? '';
  const slash = container.indexOf('/');
  const port = slash < 0 ? container : container.slice(0, slash);
  const protocol = slash < 0 ? 'tcp' : container.slice(slash + 1) || 'tcp';
  if (port === '') throw new BuildError(`invalid port: ${JSON.stringify(text)}: no port specified`);
  if (!/^(tcp|udp|sctp)$/i.test(protocol))
    throw new BuildError(`invalid port: ${JSON.stringify(text)}: invalid proto: ${protocol}`);
  if (protocol !== protocol.toLowerCase()) lint.report('ExposeProtoCasing', instruction, text);
  if (parts.length > 1) lint.report('ExposeInvalidFormat', instruction, text);
  const found = range(port);
  if (!found) throw new BuildError(`invalid containerPort: ${port}`);
  if (host !== '' && !range(host)) throw new BuildError(`invalid hostPort: ${host}`);
  const [start, end] = found;
  return Array.from(
    { length: end - start + 1 },
    (_, i) => `${start + i}/${protocol.toLowerCase()}`,
  );
}

/** `8080/tcp` for each port that the words name. */
export function parsePorts(
  words: readonly string[],
  lint: Linter,
  instruction: Instruction,
): string[] {
  return words.flatMap((word) => portOf(word, lint, instruction));
}
