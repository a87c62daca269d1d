// The handlers of subresources and of kinds that are only asked, by resource and subresource.

import type { Routine } from '../../../core/wait.ts';
import type { HttpResponse } from '../../../userland/http/message.ts';
import type { ResourceRequest } from '../handlers/context.ts';
import { type KindDescriptor, resourceKey } from '../kinds/descriptor.ts';
import type { ApiError } from '../status.ts';

export type SubresourceHandler = (context: ResourceRequest) => Routine<HttpResponse | ApiError>;

const HANDLERS: Readonly<Record<string, SubresourceHandler>> = {};

/** The handler of a subresource ('' for a kind that is only asked). */
export function subresourceHandler(
  descriptor: KindDescriptor,
  subresource: string,
): SubresourceHandler | undefined {
  return HANDLERS[`${resourceKey(descriptor)}/${subresource}`];
}
