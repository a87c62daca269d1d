// The methods that a shim serves (containerd.task.v3), and what they ask of it.

import type { StdioPaths } from '../containerd/types.ts';
import { isRpcError, type RpcContext, type RpcMethods } from '../rpc.ts';
import type { SpecProcess, SpecResources } from '../runc/spec.ts';

import { SHIM_SERVICE, type Shim } from './service.ts';
import type { CreateTaskRequest, ProcessRequest } from './types.ts';

/** The methods of a shim, for serveRpc. */
export function shimMethods(shim: Shim, onShutdown: () => void): RpcMethods {
  const at = SHIM_SERVICE;
  return {
    [`${at}Create`]: (request: CreateTaskRequest) => shim.create(request),
    [`${at}Start`]: (request: ProcessRequest) => shim.start(request),
    [`${at}Exec`]: (request: ProcessRequest & StdioPaths & { spec: SpecProcess }) =>
      shim.exec(request),
    [`${at}Kill`]: (request: ProcessRequest & { signal: number; all?: boolean }) =>
      shim.kill(request),
    [`${at}Pause`]: (request: ProcessRequest) => shim.freeze(request, true),
    [`${at}Resume`]: (request: ProcessRequest) => shim.freeze(request, false),
    [`${at}Delete`]: (request: ProcessRequest) => shim.delete(request),
    [`${at}Wait`]: (request: ProcessRequest) => shim.wait(request),
    [`${at}Update`]: (request: { id: string; resources: SpecResources }) => shim.update(request),
    *[`${at}State`](request: ProcessRequest) {
      const found = shim.find(request);
      return isRpcError(found) ? found : shim.stateOf(found.container, found.process);
    },
    *[`${at}ResizePty`](
      request: ProcessRequest & { width: number; height: number },
      { process }: RpcContext,
    ) {
      const found = shim.find(request);
      if (isRpcError(found)) return found;
      found.process.streams.resize(process, { columns: request.width, rows: request.height });
      return {};
    },
    *[`${at}CloseIO`](request: ProcessRequest, { process }: RpcContext) {
      const found = shim.find(request);
      if (isRpcError(found)) return found;
      found.process.streams.closeStdin(process);
      return {};
    },
    *[`${at}Pids`](request: ProcessRequest) {
      const found = shim.find(request);
      if (isRpcError(found)) return found;
      const { container } = found;
      return {
        execs: [...container.execs.values()].map(({ id, pid }) => ({ id, pid })),
        init: container.init.pid,
      };
    },
    *[`${at}Shutdown`]() {
      if (shim.containers.size === 0) onShutdown();
      return {};
    },
  };
}
