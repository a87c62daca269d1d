// What only a manager of a swarm answers.

import type { Routine } from '../../core/wait.ts';
import type { HttpResponse } from '../../userland/http/message.ts';
import { type Context, type Handler, refuse } from '../daemon/api/answer.ts';
import { ApiError } from '../daemon/model.ts';
import type { Swarm } from './model.ts';

const NOT_A_MANAGER = new ApiError(
  503,
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
);

/** A handler for managers alone. */
export function managed(
  handler: (context: Context, swarm: Swarm) => Routine<HttpResponse>,
): Handler {
  return function* (context) {
    const { swarm } = context.daemon;
    return swarm ? yield* handler(context, swarm) : refuse(NOT_A_MANAGER);
  };
}
