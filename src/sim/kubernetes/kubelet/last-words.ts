// What a container leaves when it ends: the file at its terminationMessagePath or, where that is empty and the policy says
// so, the end of its log.

import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Container } from '../api/types/container.ts';
import { readText } from '../component/kubeconfig.ts';
import type { KubeletContext } from './context.ts';
import type { Observed } from './cri.ts';
import { readLogLine } from './log-line.ts';

/** MaxContainerTerminationMessageLength, and what is taken of a log. */
const LONGEST = 4096;
const LOG_LENGTH = 2048;
const LOG_LINES = 80;

/** The message of a container that has ended; empty where it left none. */
export function* lastWords(
  { process }: KubeletContext,
  container: Container,
  status: Observed,
): Routine<string> {
  const place = container.terminationMessagePath ?? '/dev/termination-log';
  const file = status.mounts.find(({ containerPath }) => containerPath === place)?.hostPath;
  const text = file === undefined ? '' : yield* readText(process, file);
  if (!isErrno(text) && text !== '') return text.slice(0, LONGEST);
  const fromLog = container.terminationMessagePolicy === 'FallbackToLogsOnError';
  if (!fromLog || status.exitCode === 0) return '';
  const log = yield* readText(process, status.logPath);
  if (isErrno(log)) return '';
  const lines = log.split('\n').filter((line) => line !== '');
  const said = lines.slice(-LOG_LINES).map((line) => readLogLine(line).text);
  return said.join('').slice(-LOG_LENGTH);
}
