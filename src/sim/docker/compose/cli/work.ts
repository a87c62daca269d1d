// A command's work on a project: the daemon, the progress it prints, its warnings.

import type { Routine } from '../../../core/wait.ts';
import type { Project } from '../model/project.ts';
import { projectFromName } from '../service/down.ts';
import { Progress } from '../service/progress.ts';
import type { Work } from '../service/resources.ts';
import { type ComposeCall, type Named, warning } from './call.ts';

/** What service functions work with. */
export function workOn(call: ComposeCall, project: Project, title = 'Running'): Work {
  return { ...bare(call, title), project };
}

function bare(call: ComposeCall, title: string): Omit<Work, 'project'> {
  const { main, api, mode, parallel, dryRun } = call;
  return {
    api,
    progress: new Progress(main, mode, title, dryRun),
    warn: (text) => warning(call, text),
    parallel,
  };
}

/** The same for a project of which perhaps only the name is known. */
export function* workOnNamed(
  call: ComposeCall,
  { name, project }: Named,
  title = 'Running',
): Routine<Work> {
  const parts = bare(call, title);
  return { ...parts, project: project ?? (yield* projectFromName(parts, name.toLowerCase())) };
}

/** `-t SECONDS`, where it was given. */
export function timeoutOf({ flags }: ComposeCall): number | undefined {
  return flags.given('timeout') ? flags.number('timeout') : undefined;
}
