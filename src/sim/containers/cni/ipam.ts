// Delegating to IPAM plugins (pkg/ipam, invoke.DelegateAdd): they are found along CNI_PATH and get the same input.

import type { Routine } from '../../core/wait.ts';
import { isGoJsonError, unmarshalGoJson } from '../go-json.ts';
import { type CniResult, runPlugin } from './library.ts';
import { type CniError, isCniError, type PluginCall, plainError } from './skel.ts';

/** Has the network's IPAM plugin do a command. */
export function* delegateIpam(
  call: PluginCall,
  command: string,
): Routine<CniResult | CniError | undefined> {
  const type = call.config.ipam?.type ?? '';
  if (type === '') return plainError('no plugin name provided');
  const directory = call.path.split(':').find((where) => call.process.exists(`${where}/${type}`));
  if (directory === undefined) {
    return plainError(
      `failed to find plugin "${type}" in path [${call.path.split(':').join(' ')}]`,
    );
  }
  const environment = new Map(call.process.environment);
  environment.set('CNI_COMMAND', command);
  const answer = yield* runPlugin(call.process, `${directory}/${type}`, environment, call.input);
  if (typeof answer === 'string') return plainError(answer);
  const value = answer.output.trim() === '' ? undefined : unmarshalGoJson(answer.output);
  if (answer.status !== 0)
    return isCniError(value) ? value : plainError(`netplugin failed: "${answer.output}"`);
  return value === undefined || isGoJsonError(value) ? undefined : (value as CniResult);
}
