// docker compose --dry-run: the daemon is asked as always, but nothing that would change anything reaches it; what would
// have been made is remembered for the rest of the command (compose's api.DryRunClient).

import { Content } from '../../../core/content.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import type { HttpAnswer } from '../../../userland/http/client.ts';
import type { Headers } from '../../../userland/http/message.ts';
import { Api, CallError, isCallError, type Query } from '../../cli/api.ts';
import { resolveImage } from '../../cli/imagetools.ts';
import { madeSummary, type Summary } from './containers.ts';

/** How lines of progress begin. */
export const DRY_RUN_PREFIX = ' DRY-RUN MODE - ';

/** What a command believes to be there. */
interface Pretended {
  containers: Summary[];
  readonly images: Set<string>;
}

const ATTACHING = new Set(['attach', 'resize']);

/** An API of which only what reads is real. */
export class DryRunApi extends Api {
  private readonly pretended: Pretended;

  constructor(
    process: Process,
    host: string,
    pretended: Pretended = { containers: [], images: new Set() },
  ) {
    super(process, host);
    this.pretended = pretended;
  }

  override with(process: Process): Api {
    return new DryRunApi(process, this.host, this.pretended);
  }

  override *open(
    method: string,
    path: string,
    query: Query = {},
    content: Content = Content.empty,
    headers: Headers = {},
  ): Routine<HttpAnswer | CallError> {
    if (method === 'GET' || method === 'HEAD' || path.endsWith('/wait'))
      return yield* super.open(method, path, query, content, headers);
    if (ATTACHING.has(path.slice(path.lastIndexOf('/') + 1)))
      return new CallError(0, 'interactive run is not supported in dry-run mode');
    return { status: 200, headers: {}, body: Content.empty, remote: '', local: '' };
  }

  override *call<T = unknown>(
    method: string,
    path: string,
    query: Query = {},
    object?: unknown,
  ): Routine<T | CallError> {
    if (method === 'GET' || path.endsWith('/wait'))
      return (yield* this.read(method, path, query)) as T | CallError;
    return this.pretend(path, query, object) as T;
  }

  private *read(method: string, path: string, query: Query): Routine<unknown> {
    const { pretended } = this;
    const listing = path === '/containers/json';
    if (listing && pretended.containers.length > 0) return [...pretended.containers];
    const found = yield* super.call(method, path, query);
    if (listing && !isCallError(found)) pretended.containers = [...(found as Summary[])];
    if (!isCallError(found) || found.status !== 404) return found;
    const [kind = '', name = ''] = path.slice(1).split('/');
    if (kind === 'containers' && path.endsWith('/json')) return containerAsIfRunning(name);
    const pulled = kind === 'images' && pretended.images.has(decodeURIComponent(name));
    return pulled ? { Id: 'dryRunId' } : found;
  }

  private pretend(path: string, query: Query, object: unknown): unknown {
    if (path === '/networks/create') return { Id: (object as { Name: string }).Name };
    if (path !== '/containers/create') return {};
    const { Labels } = object as { Labels: Readonly<Record<string, string>> };
    const name = String(query.name);
    this.pretended.containers.push(madeSummary({ Id: name, Names: [name], Labels }));
    return { Id: name, Warnings: null };
  }

  /** A pull looks whether the registry has the image, no more. */
  override *lines(
    method: string,
    path: string,
    query: Query,
    each: (line: Record<string, unknown>) => Routine<void>,
    content = Content.empty,
    headers: Headers = {},
  ): Routine<CallError | undefined> {
    if (method === 'GET') return yield* super.lines(method, path, query, each, content, headers);
    if (path !== '/images/create') return undefined;
    const { fromImage = '', tag = '' } = query as { fromImage?: string; tag?: string };
    const image = `${fromImage}${tag.includes(':') ? '@' : ':'}${tag}`;
    const found = yield* resolveImage(this.process, image);
    if (typeof found === 'string') return new CallError(0, found);
    this.pretended.images.add(image).add(fromImage);
    return undefined;
  }
}

/** A container that was never made is taken for one that runs and is healthy. */
function containerAsIfRunning(name: string): object {
  return {
    Id: 'dryRunId',
    Name: name,
    Config: { Tty: false, Labels: {} },
    State: {
      Status: 'running',
      Running: false,
      Restarting: false,
      ExitCode: 0,
      StartedAt: '',
      Health: { Status: 'healthy' },
    },
  };
}
