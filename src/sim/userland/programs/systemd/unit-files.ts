// systemctl's commands on unit files: enable, disable, mask, unmask, is-enabled, cat. They make and remove links under
// /etc/systemd/system and have PID 1 read its units again.

import { decode } from '../../../core/text.ts';
import type { Routine } from '../../../core/wait.ts';
import type { Process } from '../../../kernel/calls/process.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { dirName, readFile } from '../../libc/whole-file.ts';
import { enabledState, findDropIns, installLinks, loadUnit, unitName } from '../../systemd/load.ts';
import { askManager } from '../../systemd/protocol.ts';
import { runJobs, type Systemctl } from './systemctl.ts';

const ETC = '/etc/systemd/system';

function makeDirectories(process: Process, path: string): void {
  const parts = path.split('/').filter((part) => part !== '');
  parts.forEach((_, i) => process.mkdir(`/${parts.slice(0, i + 1).join('/')}`, 0o755));
}

function link(systemctl: Systemctl, path: string, target: string): boolean {
  const { main, options } = systemctl;
  makeDirectories(main.process, dirName(path));
  if (main.process.readlink(path) === target) return true;
  const failure = main.process.symlink(target, path);
  if (failure) {
    main.err.put(`Failed to create symlink ${path}: ${failure.message}\n`);
    return false;
  }
  if (!options.has('quiet')) main.err.put(`Created symlink ${path} → ${target}.\n`);
  return true;
}

function remove(systemctl: Systemctl, path: string): boolean {
  const { main, options } = systemctl;
  if (isErrno(main.process.lstat(path))) return true;
  const failure = main.process.unlink(path);
  if (failure) return false;
  if (!options.has('quiet')) main.err.put(`Removed "${path}".\n`);
  return true;
}

function* finish(systemctl: Systemctl, ok: boolean, verb: 'start' | 'stop'): Routine<number> {
  const { main, options } = systemctl;
  yield* askManager(main.process, { verb: 'daemon-reload', unit: '' });
  yield* main.err.flush();
  if (!ok) return 1;
  return options.has('now') ? yield* runJobs(systemctl, verb) : 0;
}

/** systemctl enable: links of [Install]. */
export function* enable(systemctl: Systemctl): Routine<number> {
  const { main, words } = systemctl;
  let ok = true;
  for (const name of words.map(unitName)) {
    const unit = yield* loadUnit(main.process, name);
    if (unit.load !== 'loaded') {
      const why = unit.load === 'masked' ? `${name} is masked` : `${name} does not exist`;
      main.err.put(`Failed to enable unit: Unit file ${why}.\n`);
      return 1;
    }
    const links = installLinks(unit);
    if (links.length === 0) main.err.put(NO_INSTALL);
    for (const path of links) ok = link(systemctl, path, unit.path) && ok;
  }
  return yield* finish(systemctl, ok, 'start');
}

const NO_INSTALL = `The unit files have no installation config (WantedBy=, RequiredBy=, Also=,
Alias= settings in the [Install] section, and DefaultInstance= for template
units). This means they are not meant to be enabled or disabled using systemctl.
`;

/** systemctl disable. */
export function* disable(systemctl: Systemctl): Routine<number> {
  const { main, words } = systemctl;
  let ok = true;
  for (const name of words.map(unitName)) {
    const unit = yield* loadUnit(main.process, name);
    if (unit.load === 'not-found') {
      main.err.put(`Failed to disable unit: Unit file ${name} does not exist.\n`);
      return 1;
    }
    for (const path of installLinks(unit)) ok = remove(systemctl, path) && ok;
  }
  return yield* finish(systemctl, ok, 'stop');
}

/** systemctl mask: a link to /dev/null hides the unit. */
export function* mask(systemctl: Systemctl): Routine<number> {
  let ok = true;
  for (const name of systemctl.words.map(unitName))
    ok = link(systemctl, `${ETC}/${name}`, '/dev/null') && ok;
  return yield* finish(systemctl, ok, 'stop');
}

export function* unmask(systemctl: Systemctl): Routine<number> {
  let ok = true;
  for (const name of systemctl.words.map(unitName)) {
    const path = `${ETC}/${name}`;
    if (systemctl.main.process.readlink(path) === '/dev/null') ok = remove(systemctl, path) && ok;
  }
  return yield* finish(systemctl, ok, 'start');
}

export function* isEnabled({ main, options, words }: Systemctl): Routine<number> {
  let found = false;
  for (const name of words.map(unitName)) {
    const state = yield* enabledState(main.process, name);
    if (state === 'not-found') {
      main.err.put(`Failed to get unit file state for ${name}: No such file or directory\n`);
      continue;
    }
    if (!options.has('quiet')) main.out.put(`${state}\n`);
    found ||= state !== 'disabled' && state !== 'masked';
  }
  yield* main.out.flush();
  return found ? 0 : 1;
}

/** systemctl cat: the unit's file and its drop-ins, each under its path. */
export function* cat({ main, words }: Systemctl): Routine<number> {
  let status = 0;
  let first = true;
  for (const name of words.map(unitName)) {
    const unit = yield* loadUnit(main.process, name);
    if (unit.load === 'not-found') {
      main.err.put(`No files found for ${name}.\n`);
      status = 1;
      continue;
    }
    for (const path of [unit.path, ...findDropIns(main.process, name)]) {
      const bytes = yield* readFile(main.process, path);
      if (!first) main.out.put('\n');
      first = false;
      main.out.put(`# ${path}\n${isErrno(bytes) ? '' : decode(bytes)}`);
    }
  }
  yield* main.out.flush();
  return status;
}
