// docker plugin: the daemon has no plugins, and none can be installed. docker checkpoint asks for a daemon with
// experimental features, which it is not; docker trust for a notary, which there is none.

import { goMap } from '../../userland/template/values.ts';
import { Api, filterQuery, isCallError } from './api.ts';
import type { Action } from './command.ts';
import { fail, type ListView, printList } from './output.ts';
import { inspectAll } from './inspect.ts';

const PLUGINS: ListView = {
  type: '*plugin.pluginContext',
  headers: goMap({
    ID: 'ID',
    Name: 'NAME',
    Description: 'DESCRIPTION',
    Enabled: 'ENABLED',
    PluginReference: 'IMAGE',
  }),
  columns: ['ID', 'Name', 'Description', 'Enabled'],
  quiet: 'ID',
};

const list: Action = function* (call) {
  const { main, host, flags } = call;
  const found = yield* new Api(main.process, host).get<object[]>('/plugins', {
    filters: filterQuery(flags.list('filter')),
  });
  if (isCallError(found)) return yield* fail(call, found.text);
  return yield* printList(call, PLUGINS, [], {
    format: flags.text('format'),
    quiet: flags.on('quiet'),
  });
};

/** Commands on a plugin, which is not there: the answer is the daemon's. */
function onPlugin(method: string, rest: string): Action {
  return function* (call) {
    const { main, host, args } = call;
    const [name = ''] = args;
    const path = `/plugins/${encodeURIComponent(name)}${rest}`;
    const failed = yield* new Api(main.process, host).call(method, path);
    return isCallError(failed) ? yield* fail(call, failed.text) : 0;
  };
}

const experimental: Action = function* (call) {
  return yield* fail(
    call,
    `${call.called} is only supported on a Docker daemon with experimental features enabled`,
  );
};

const inspect: Action = function* (call) {
  return yield* inspectAll(call, (api, name) =>
    api.get(`/plugins/${encodeURIComponent(name)}/json`),
  );
};

/** There is no notary to ask. */
const trustInspect: Action = function* (call) {
  const { main, args, flags } = call;
  const [name = ''] = args;
  if (flags.on('pretty')) return yield* fail(call, `no signatures or cannot access ${name}`);
  main.out.put('[]\n');
  yield* main.out.flush();
  return yield* fail(call, `no signatures or cannot access ${name}`);
};

export const pluginActions: Readonly<Record<string, Action>> = {
  'plugin ls': list,
  'plugin inspect': inspect,
  'plugin rm': onPlugin('DELETE', ''),
  'plugin disable': onPlugin('POST', '/disable'),
  'plugin enable': onPlugin('POST', '/enable'),
  'plugin set': onPlugin('POST', '/set'),
  'trust inspect': trustInspect,
  'checkpoint create': experimental,
  'checkpoint ls': experimental,
  'checkpoint rm': experimental,
};
