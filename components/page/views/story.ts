// The story: what came of each command, as a tree of causes. A link that one chooses shows the whole chain
// back to what was typed, and the command that looks at what it speaks of.

import type { StoryLink } from '../../../src/worker/views.ts';
import { draw, drawButton } from './draw.ts';

/** The command that shows what a link is about, where there is one. */
const LOOK: Readonly<Record<string, (link: StoryLink) => string>> = {
  process: ({ name }) => `ps -fp ${name}; lsns -p ${name}`,
  pod: ({ name }) => `kubectl ${namespaced(name, 'describe pod')}`,
  node: ({ name }) => `kubectl describe node ${name}`,
  deployment: ({ name }) => `kubectl ${namespaced(name, 'describe deployment')}`,
  replicaset: ({ name }) => `kubectl ${namespaced(name, 'describe replicaset')}`,
  service: ({ name }) => `kubectl ${namespaced(name, 'describe service')}`,
  container: ({ name }) => `docker inspect ${name} | head -40`,
  rule: () => 'iptables-save -t nat | head -60',
  link: () => 'ip -d link',
  etcd: ({ name }) => `etcdctl get '${name}' -w fields`,
  cgroup: ({ name }) => `ls /sys/fs/cgroup${name}`,
};

/** Links shown of one command; what is beyond is said. */
const SHOWN = 400;

/** Returns the function that takes further links. */
export function storyView(
  place: HTMLElement,
  look: (command: string) => void,
): (links: readonly StoryLink[]) => void {
  const known = new Map<number, StoryLink>();
  const children = new Map<number, StoryLink[]>();
  const tree = draw('div', 'tree-place');
  const chain = draw('div', 'chain');
  chain.setAttribute('aria-live', 'polite');
  place.replaceChildren(tree, chain);

  const explain = (link: StoryLink): void => {
    const path: StoryLink[] = [];
    for (let at: StoryLink | undefined = link; at; at = known.get(at.parent)) path.unshift(at);
    const command = LOOK[link.kind]?.(link);
    chain.replaceChildren(
      draw('h3', '', 'Because'),
      draw('ol', '', ...path.map((step) => draw('li', `kind-${step.kind}`, ...told(step)))),
      ...(command ? [drawButton('go', `Look: ${command}`, () => look(command))] : []),
    );
  };
  const button = (link: StoryLink): HTMLElement => {
    const element = drawButton(`link kind-${link.kind}`, '', () => explain(link));
    element.append(...told(link));
    return element;
  };
  const drawFrom = (root: StoryLink): HTMLElement => {
    let left = SHOWN;
    const list = (first: StoryLink): HTMLElement[] => {
      const items: HTMLElement[] = [];
      let at: StoryLink | undefined = first;
      while (at && left-- > 0) {
        const below: StoryLink[] = children.get(at.id) ?? [];
        items.push(draw('li', '', button(at)));
        if (below.length > 1) {
          items.push(
            draw('li', '', draw('ul', 'fork', ...below.map((b) => draw('ul', '', ...list(b))))),
          );
        }
        at = below.length === 1 ? below[0] : undefined;
      }
      return items;
    };
    const items = list(root);
    if (left <= 0) items.push(draw('li', 'empty', 'and more that came of it'));
    return draw('ul', 'story', ...items);
  };
  return (links) => {
    for (const link of links) {
      known.set(link.id, link);
      const siblings = children.get(link.parent);
      if (siblings) siblings.push(link);
      else children.set(link.parent, [link]);
    }
    const roots = (children.get(0) ?? [])
      .filter(({ label }) => label.startsWith('typed'))
      .reverse();
    if (roots.length === 0) {
      tree.replaceChildren(draw('p', 'empty', 'Run an example: what comes of it is told here.'));
    } else {
      tree.replaceChildren(...roots.slice(0, 12).map(drawFrom));
    }
  };
}

function told(link: StoryLink): (Node | string)[] {
  const at = draw('small', '', `${(link.at / 1e9).toFixed(3)} s`);
  const machine = link.machine === '' ? [] : [draw('small', '', `on ${link.machine}`)];
  const [first = '', ...rest] = link.label.split('\n');
  return [draw('span', '', rest.length > 0 ? `${first} …` : first), at, ...machine];
}

function namespaced(name: string, verb: string): string {
  const [namespace = 'default', object = ''] = name.split('/');
  return `-n ${namespace} ${verb} ${object}`;
}
