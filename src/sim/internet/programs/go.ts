// go: version, env, and mod init. Compiling is not simulated: build, run, test and the rest say so.

import { encode } from '../../core/text.ts';
import { decode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { writeWholeFile } from '../../containers/containerd/daemon.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { readFile } from '../../userland/libc/whole-file.ts';

/** The release that is installed: the first line of its file VERSION. */
function* release(p: Process): Routine<string> {
  const bytes = yield* readFile(p, '/usr/local/go/VERSION');
  return isErrno(bytes) ? 'go' : (decode(bytes).split('\n')[0] ?? 'go');
}

function environment(p: Process, version: string): [string, string][] {
  const own = (name: string, otherwise: string): string => p.environment.get(name) ?? otherwise;
  const home = own('HOME', '/root');
  return [
    ['CGO_ENABLED', own('CGO_ENABLED', '1')],
    ['GOARCH', own('GOARCH', 'amd64')],
    ['GOCACHE', own('GOCACHE', `${home}/.cache/go-build`)],
    ['GOENV', `${home}/.config/go/env`],
    ['GOHOSTARCH', 'amd64'],
    ['GOHOSTOS', 'linux'],
    ['GOMODCACHE', `${own('GOPATH', `${home}/go`)}/pkg/mod`],
    ['GOOS', own('GOOS', 'linux')],
    ['GOPATH', own('GOPATH', `${home}/go`)],
    ['GOPROXY', own('GOPROXY', 'https://proxy.golang.org,direct')],
    ['GOROOT', '/usr/local/go'],
    ['GOSUMDB', own('GOSUMDB', 'sum.golang.org')],
    ['GOTOOLCHAIN', own('GOTOOLCHAIN', 'auto')],
    ['GOVERSION', version],
  ];
}

function* modInit(main: Main, path: string | undefined, version: string): Routine<number> {
  const { process: p } = main;
  const here = p.getcwd();
  const file = `${isErrno(here) ? '' : here}/go.mod`;
  if (p.exists(file)) {
    main.err.put(`go: ${file} already exists\n`);
    return 1;
  }
  if (path === undefined) {
    main.err.put(
      `go: cannot determine module path for source directory ${isErrno(here) ? '/' : here} (outside GOPATH, module path must be specified)\n\nExample usage:\n\t'go mod init example.com/m' to initialize a v0 or v1 module\n\t'go mod init example.com/m/v2' to initialize a v2 module\n\nRun 'go help mod init' for more information.\n`,
    );
    return 1;
  }
  writeWholeFile(p, file, encode(`module ${path}\n\ngo ${version.slice(2)}\n`));
  main.err.put(`go: creating new go.mod: module ${path}\n`);
  const items = p.readdir(isErrno(here) ? '/' : here);
  const sources = !isErrno(items) && items.some(({ name }) => name.endsWith('.go'));
  if (sources) main.err.put('go: to add module requirements and sums:\n\tgo mod tidy\n');
  return 0;
}

export const go = program('go', function* (main) {
  const version = yield* release(main.process);
  const [command = '', ...words] = main.args;
  if (command === 'version' && words.length === 0) {
    main.out.put(`go version ${version} linux/amd64\n`);
    return 0;
  }
  if (command === 'env' && words.every((word) => !word.startsWith('-'))) {
    const all = environment(main.process, version);
    if (words.length === 0)
      main.out.put(all.map(([name, value]) => `${name}='${value}'\n`).join(''));
    else
      for (const word of words) main.out.put(`${all.find(([name]) => name === word)?.[1] ?? ''}\n`);
    return 0;
  }
  if (command === 'mod' && words[0] === 'init') return yield* modInit(main, words[1], version);
  return yield* notSimulated(main, ['go', ...main.args].join(' '));
});
