// Files at URLs: what raw.githubusercontent.com and GitHub's releases hold of what clusters are given.

import { Content } from '../../core/content.ts';
import type { HttpHandler } from '../../userland/http/server.ts';
import { KUBE_FLANNEL } from './flannel.ts';
import { KUBE_ROUTER_FIREWALL } from './kube-router.ts';

/** Texts by path; a star stands for any branch or version. */
type Files = Readonly<Record<string, string>>;

function patternOf(path: string): RegExp {
  const parts = path.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}

/** A site that serves texts; `others` answers for everything else. */
function filesAt(files: Files): (others: HttpHandler) => HttpHandler {
  const known = Object.entries(files).map(([path, text]) => [patternOf(path), text] as const);
  return (others) =>
    function* (request, process) {
      const text = known.find(([pattern]) => pattern.test(request.path))?.[1];
      if (text === undefined) return yield* others(request, process);
      const body = Content.ofText(text);
      const headers = {
        'content-type': 'text/plain; charset=utf-8',
        'content-length': String(body.size),
      };
      return { status: 200, headers, body };
    };
}

/** raw.githubusercontent.com. */
export const rawGithub = filesAt({
  '/flannel-io/flannel/*/Documentation/kube-flannel.yml': KUBE_FLANNEL,
  '/cloudnativelabs/kube-router/*/daemonset/kube-router-firewall-daemonset.yaml':
    KUBE_ROUTER_FIREWALL,
});

/** github.com: files of releases, which it really passes on to a store. */
export const githubReleases = filesAt({
  '/flannel-io/flannel/releases/download/*/kube-flannel.yml': KUBE_FLANNEL,
  '/flannel-io/flannel/releases/latest/download/kube-flannel.yml': KUBE_FLANNEL,
});
