// docker build, which is docker buildx build: the client's part of a build on the daemon's BuildKit.

import { Content } from '../../../core/content.ts';
import type { Routine } from '../../../core/wait.ts';
import { encode } from '../../../core/text.ts';
import { MILLISECOND } from '../../../core/time.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { notSimulated } from '../../../userland/libc/stdio.ts';
import { writeFile } from '../../../userland/libc/whole-file.ts';
import type { Lines } from '../../builder/dockerfile/errors.ts';
import type { Warning } from '../../builder/dockerfile/lint.ts';
import { type BuildResult, FrameStream } from '../../builder/session.ts';
import { Api, isCallError } from '../api.ts';
import type { Action, Call } from '../command.ts';
import { complain } from '../output.ts';
import { answerCall } from './client-files.ts';
import { printCheck } from './check.ts';
import { isProblem, readRequest, type Request } from './options.ts';
import { bootBuilder } from '../buildx-container.ts';
import { PlainPrinter } from './plain.ts';
import { TerminalPrinter } from './terminal.ts';
import { Trace, warningText } from './trace.ts';

/** Flags that are known and do nothing yet. */
const NOT_SIMULATED = ['attest', 'cache-from', 'cache-to', 'cgroup-parent', 'sbom'];

interface Display {
  news(): void;
  end(): void;
}

/** A failure as buildx prints it. */
export function* buildError(call: Call, text: string): Routine<number> {
  yield* complain(call.main, `ERROR: ${text}`);
  return 1;
}

type Mode = 'plain' | 'tty' | 'quiet' | 'rawjson';

function modeOf(call: Call): Mode | undefined {
  const { flags, main } = call;
  const wanted = flags.text('progress') || 'auto';
  const terminal = main.process.isTerminal(2);
  if (flags.on('quiet') || wanted === 'quiet' || wanted === 'none') return 'quiet';
  if (wanted === 'auto') return terminal ? 'tty' : 'plain';
  return wanted === 'plain' || wanted === 'tty' || wanted === 'rawjson' ? wanted : undefined;
}

/** The builder `default` is the daemon's own; all others are containers. */
const driverOf = (builder: string): string =>
  builder === 'default' ? 'docker' : 'docker-container';

/** The printer of a mode; it writes to `out`, which is flushed by whoever calls. */
function displayOf(
  mode: Mode,
  trace: Trace,
  p: Process,
  put: (text: string) => void,
  builder: string,
): Display {
  if (mode === 'plain') {
    const printer = new PlainPrinter(
      put,
      `building with ${JSON.stringify(builder)} instance using ${driverOf(builder)} driver`,
    );
    return { news: () => printer.print(trace), end: () => printer.finish(trace) };
  }
  if (mode !== 'tty') return { news: () => {}, end: () => {} };
  const size = p.ioctl(2, 'TIOCGWINSZ') as { columns?: number; rows?: number } | undefined;
  const printer = new TerminalPrinter(put, `${driverOf(builder)}:${builder}`, {
    columns: size?.columns || 80,
    rows: size?.rows || 24,
  });
  return {
    news: () => printer.print(trace, p.now),
    end: () => printer.finish(trace, p.now),
  };
}

/** Lines of a Dockerfile around those that something is about. */
export function excerpt(filename: string, source: string, ranges: readonly Lines[]): string {
  if (ranges.length === 0 || filename === '') return '';
  const lines = source.split('\n');
  let start = Math.min(...ranges.map((range) => range.start));
  let end = Math.max(...ranges.map((range) => Math.max(range.start, range.end)));
  if (start > lines.length || start < 1) return '';
  end = Math.min(end, lines.length);
  const first = start;
  const pad = end === start ? 4 : 2;
  for (let added = 0; added < pad; added++) {
    if (start > 1) {
      start--;
      added++;
    }
    if (end !== lines.length) {
      end++;
      added++;
    }
  }
  let text = `${filename}:${first}\n--------------------\n`;
  for (let at = start; at <= end; at++) {
    const marked = ranges.some((r) => r.start <= at && at <= Math.max(r.start, r.end));
    text += ` ${String(at).padStart(3)} | ${marked ? '>>>' : '   '} ${lines[at - 1] ?? ''}\n`;
  }
  return `${text}--------------------\n`;
}

/** What is said of warnings at the end. */
function warningsText(warnings: readonly Warning[], debug: boolean, source: BuildResult): string {
  if (warnings.length === 0) return '';
  const count = warnings.length === 1 ? '1 warning found' : `${warnings.length} warnings found`;
  const how = debug ? '' : ' (use docker --debug to expand)';
  let text = `\n \u001b[33m${count}${how}:\n\u001b[0m`;
  for (const warning of warnings) {
    text += ` - ${warningText(warning)}\n`;
    if (!debug) continue;
    text += `${warning.description}\n`;
    if (warning.url !== '') text += `More info: ${warning.url}\n`;
    const { error } = source;
    text += `${error ? excerpt(error.filename, error.source, [warning.lines]) : ''}\n`;
  }
  return text;
}

/** Runs a build and prints its progress; the result, or a status where there was none. */
function* solve(
  call: Call,
  request: Request,
  mode: Mode,
  builder: string,
): Routine<BuildResult | number> {
  const { main, host } = call;
  const { process: p } = main;
  const trace = new Trace();
  const put = (text: string): void => void main.err.put(text);
  const display = displayOf(mode, trace, p, put, builder);
  if (builder !== 'default') {
    const failed = yield* bootBuilder(new Api(p, host), builder, (event) => {
      trace.take(event);
      display.news();
    });
    yield* main.err.flush();
    if (failed !== undefined) {
      display.end();
      return yield* buildError(call, failed);
    }
  }
  const answer = yield* new Api(p, host).open('POST', '/grpc', {}, Content.empty, {
    connection: 'Upgrade',
    upgrade: 'h2c',
  });
  if (isCallError(answer)) return yield* buildError(call, answer.text);
  if (!answer.connection) return yield* buildError(call, 'no connection');
  const stream = new FrameStream(answer.connection);
  const ref = String(p.task.kernel.entropy.int(4_000_000_000));
  yield* stream.send({ type: 'solve', options: request.options, ref, home: request.home });
  let open = true;
  if (mode === 'plain' || mode === 'tty') {
    p.thread(function* (thread) {
      for (;;) {
        yield* thread.sleep(150 * MILLISECOND);
        if (!open) return 0;
        display.news();
        yield* main.err.flush();
      }
    });
  }
  let result: BuildResult | undefined;
  for (;;) {
    const received = yield* stream.receive();
    if (!received) break;
    const { frame, bytes } = received;
    if (frame.type === 'progress') {
      for (const event of frame.events) {
        trace.take(event);
        if (mode === 'rawjson') put(`${JSON.stringify(event)}\n`);
      }
    } else if (frame.type === 'call') {
      const { reply, bytes: content } = yield* answerCall(request.files, frame.call, bytes);
      yield* stream.send({ type: 'reply', reply }, content);
    } else if (frame.type === 'result') result = frame.result;
  }
  open = false;
  stream.close();
  display.end();
  const found = result ?? { response: {} };
  if ((mode === 'plain' || mode === 'tty') && request.options.call === 'build')
    put(warningsText(trace.warnings, call.flags.on('debug'), found));
  yield* main.err.flush();
  return (
    result ??
    (yield* buildError(
      call,
      'failed to build: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF',
    ))
  );
}

function* writeResults(call: Call, response: BuildResult['response'], mode: Mode): Routine<number> {
  const { flags, main } = call;
  const id = response['containerimage.config.digest'] ?? response['containerimage.digest'] ?? '';
  if (mode === 'quiet' && flags.on('quiet')) main.out.put(`${id}\n`);
  const iidfile = flags.text('iidfile');
  if (iidfile !== '') {
    const failed = yield* writeFile(main.process, iidfile, encode(id));
    if (failed)
      return yield* buildError(
        call,
        `writing image ID file: open ${iidfile}: ${failed.message.toLowerCase()}`,
      );
  }
  const metadata = flags.text('metadata-file');
  if (metadata === '') return 0;
  const object: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(response).sort())
    object[key] = value.startsWith('{') ? (JSON.parse(value) as unknown) : value;
  object['buildx.build.ref'] =
    `default/default/${main.process.task.kernel.entropy.int(4_000_000_000)}`;
  const sorted = Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
  const failed = yield* writeFile(
    main.process,
    metadata,
    encode(JSON.stringify(sorted, undefined, 2)),
  );
  return failed ? yield* buildError(call, `open ${metadata}: ${failed.message.toLowerCase()}`) : 0;
}

/** Where a result goes that a container has built: nowhere unless that is said. */
function outputsOf(call: Call, request: Request): Request {
  const { flags, main } = call;
  const { outputs, push } = request.options;
  if (outputs.length > 0) return request;
  const output = (attributes: Readonly<Record<string, string>>): Request => ({
    ...request,
    options: { ...request.options, push: false, outputs: [{ type: 'image', attributes }] },
  });
  if (push) return output({ push: 'true', store: 'false' });
  if (flags.on('load')) return output({});
  if (request.options.call === 'build')
    main.err.put(
      'WARNING: No output specified with docker-container driver. Build result will only remain in the build cache. To push result image into registry use --push or to load image into docker use --load\n',
    );
  const nowhere = { type: 'cacheonly', attributes: {} } as const;
  return { ...request, options: { ...request.options, outputs: [nowhere] } };
}

/** Builds on the daemon's own builder; the exit status. */
export const build: Action = (call) => buildOn('default', call);

/** Builds on a builder; the exit status. */
export function* buildOn(builder: string, call: Call): Routine<number> {
  const { flags, main, args } = call;
  if (main.process.environment.get('DOCKER_BUILDKIT') === '0' && !call.called.includes('buildx'))
    return yield* notSimulated(main, 'docker build with the legacy builder (DOCKER_BUILDKIT=0)');
  const missing = NOT_SIMULATED.find((name) => flags.given(name));
  if (missing !== undefined) return yield* notSimulated(main, `docker build --${missing}`);
  const mode = modeOf(call);
  if (!mode) return yield* buildError(call, `invalid progress mode ${flags.text('progress')}`);
  const reached = yield* new Api(main.process, call.host).open('HEAD', '/_ping');
  if (isCallError(reached)) return yield* buildError(call, reached.text);
  const asked = yield* readRequest(main.process, flags, args[0] ?? '');
  if (isProblem(asked))
    return yield* buildError(
      call,
      asked.early ? asked.problem : `failed to build: ${asked.problem}`,
    );
  const request = builder === 'default' ? asked : outputsOf(call, asked);
  const result = yield* solve(call, request, mode, builder);
  if (typeof result === 'number') return result;
  const { error } = result;
  if (error) {
    if (error.message.startsWith('drydock: ')) {
      yield* complain(main, error.message);
      return 125;
    }
    yield* main.out.flush();
    main.err.put(excerpt(error.filename, error.source, error.lines));
    return yield* buildError(call, `failed to build: failed to solve: ${error.message}`);
  }
  const answer = result.response['result.json'];
  if (answer !== undefined) return yield* printCheck(call, answer);
  return yield* writeResults(call, result.response, mode);
}
