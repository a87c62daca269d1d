// A site whose content is a program's code: it is fetched, like that of other programs, when somebody first asks.

import type { ProgramFile, ProgramTable } from '../../kernel/program.ts';
import type { HttpHandler } from '../../userland/http/server.ts';

/** A program that is the content of a site; run by itself it ends at once. */
export interface SiteProgram extends ProgramFile {
  readonly site: (programs: ProgramTable) => HttpHandler;
}

/** True of a program that is a site. */
export function isSite(file: ProgramFile | undefined): file is SiteProgram {
  return file !== undefined && 'site' in file;
}
