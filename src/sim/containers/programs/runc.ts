// runc(8): the OCI runtime.

import { program } from '../../userland/libc/stdio.ts';
import { runcApp } from '../runc/commands.ts';
import { runCli } from './cli.ts';

export const runc = program('runc', (main) => runCli(runcApp, main));
