// Modules of Python's library that the interpreter has itself, by name; the rest of what there is stands in library/.

import type { Value } from '../values.ts';
import type { Vm } from '../vm.ts';
import { base64Module, hashlibModule, mathModule, randomModule } from './computing.ts';
import { importlibModule } from './importlib.ts';
import { jsonModule } from './json.ts';
import { osModule } from './os.ts';
import { pathModule } from './path.ts';
import { signalModule, subprocessModule, threadingModule, timeModule } from './processes.ts';
import { reModule } from './re.ts';
import { socketModule } from './socket.ts';
import { sysModule, tracebackModule } from './sys.ts';

export const NATIVE_MODULES: Readonly<Record<string, (vm: Vm) => Map<string, Value>>> = {
  sys: sysModule,
  os: osModule,
  'os.path': pathModule,
  posixpath: pathModule,
  time: timeModule,
  json: jsonModule,
  math: mathModule,
  random: randomModule,
  hashlib: hashlibModule,
  base64: base64Module,
  re: reModule,
  socket: socketModule,
  importlib: importlibModule,
  signal: signalModule,
  subprocess: subprocessModule,
  threading: threadingModule,
  _traceback: tracebackModule,
};
