// Where helm keeps its own files (pkg/helmpath): under the home directory, XDG's directories or HELM_*_HOME.

import type { Call } from '../command.ts';

export interface HelmPaths {
  readonly cacheHome: string;
  readonly configHome: string;
  readonly dataHome: string;
  /** Indexes of repositories. */
  readonly cache: string;
  /** repositories.yaml. */
  readonly config: string;
  /** Charts that were fetched, by digest. */
  readonly content: string;
}

/** The paths that flags and variables make. */
export function helmPaths({ main, flags }: Call): HelmPaths {
  const { environment } = main.process;
  const home = environment.get('HOME') ?? '/root';
  const place = (kind: string, xdg: string, below: string): string => {
    const own = environment.get(`HELM_${kind}_HOME`);
    if (own) return own;
    const base = environment.get(xdg);
    return base ? `${base}/helm` : `${home}/${below}/helm`;
  };
  const cacheHome = place('CACHE', 'XDG_CACHE_HOME', '.cache');
  const configHome = place('CONFIG', 'XDG_CONFIG_HOME', '.config');
  const named = (flag: string, variable: string, fallback: string): string =>
    (flags.changed(flag) ? flags.text(flag) : environment.get(variable)) || fallback;
  return {
    cacheHome,
    configHome,
    dataHome: place('DATA', 'XDG_DATA_HOME', '.local/share'),
    cache: named('repository-cache', 'HELM_REPOSITORY_CACHE', `${cacheHome}/repository`),
    config: named('repository-config', 'HELM_REPOSITORY_CONFIG', `${configHome}/repositories.yaml`),
    content: `${cacheHome}/content`,
  };
}
