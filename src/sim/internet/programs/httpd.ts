// httpd and apachectl of the image httpd.

import type { ProgramRun } from '../../kernel/program.ts';
import { type Main, notSimulated, program } from '../../userland/libc/stdio.ts';
import { runApache } from './apache.ts';

function* run(main: Main): ProgramRun {
  const { process: p, args } = main;
  const version = p.environment.get('HTTPD_VERSION') ?? '2.4.66';
  const banner = `Apache/${version} (Unix)`;
  if (args.includes('-v')) {
    main.out.put(`Server version: ${banner}\nServer built:   Jan 13 2026 01:08:30\n`);
    return 0;
  }
  if (args.includes('-t') || args.includes('configtest')) {
    main.err.put('Syntax OK\n');
    return 0;
  }
  const foreground = args.some((word) => /^-DFOREGROUND$|^FOREGROUND$/.test(word));
  if (!foreground) return yield* notSimulated(main, [main.name, ...args].join(' '));
  const build = {
    program: 'httpd',
    config: '/usr/local/apache2/conf/httpd.conf',
    banner,
    mpm: 'event',
    log: 'common',
  } as const;
  return yield* runApache(main, build);
}

// busybox and Debian have another httpd: the executable of the image names this one.
export const apacheHttpd = program('apache-httpd', run);
