// helm 4: charts, the repositories that they come from, and releases of them in a cluster. Plugins, registries (OCI), signatures and
// completion are left out.

import { notSimulated, program } from '../../userland/libc/stdio.ts';
import { CHART_COMMANDS } from './chart-commands.ts';
import { HelmError, Unsimulated } from './chart.ts';
import { type Command, runHelm } from './command.ts';
import { CHANGING_COMMANDS } from './release/commands.ts';
import { SHOWING_COMMANDS } from './release/show-commands.ts';
import { REPOSITORY_COMMANDS } from './repository/commands.ts';

const COMMANDS: readonly Command[] = [
  ...CHART_COMMANDS,
  ...REPOSITORY_COMMANDS,
  ...CHANGING_COMMANDS,
  ...SHOWING_COMMANDS,
];

export const helm = program('helm', function* (main) {
  try {
    return yield* runHelm(main, COMMANDS);
  } catch (problem) {
    yield* main.out.flush();
    if (problem instanceof Unsimulated) return yield* notSimulated(main, problem.message);
    if (!(problem instanceof HelmError)) throw problem;
    main.err.put(`Error: ${problem.message}\n`);
    yield* main.err.flush();
    return 1;
  }
});
