// Who writes, as managedFields names it: the client's field manager, or the first word of its User-Agent.

import type { Manager } from '../managed/entry.ts';
import type { ResourceRequest } from './context.ts';
import { queryValue } from './request-info.ts';

/** The manager of a request. */
export function managerOf(context: ResourceRequest): Manager {
  const { request, info, strategy } = context;
  const agent = request.headers['user-agent'] ?? '';
  const name = queryValue(request, 'fieldManager') ?? (agent.split('/')[0] || 'unknown');
  return { name, subresource: info.subresource, time: strategy.time };
}
