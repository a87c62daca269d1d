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
const SHOWN = 300;
/** Commands told of, newest first. */
const COMMANDS = 30;

/** A command that was typed, and how much came of it. */
interface Root {
  readonly link: StoryLink;
  links: number;
  readonly place: HTMLDetailsElement;
  readonly count: HTMLElement;
  /** Links when it was drawn last. */
  drawn: number;
}

/** Returns the function that takes further links. Only what is unfolded and has grown is drawn again. */
export function storyView(
  place: HTMLElement,
  look: (command: string) => void,
): (links: readonly StoryLink[]) => void {
  const known = new Map<number, StoryLink>();
  const children = new Map<number, StoryLink[]>();
  const roots = new Map<number, Root>();
  /** The command that each link came of. */
  const rootOf = new Map<number, Root>();
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
    const first: StoryLink[] = children.get(root.id) ?? [];
    const items =
      first.length === 1
        ? first.flatMap(list)
        : first.map((below) => draw('li', '', draw('ul', 'branch', ...list(below))));
    if (left <= 0) items.push(draw('li', 'empty', 'and more that came of it'));
    return draw('ul', 'story', ...items);
  };
  const unfold = (root: Root): void => {
    if (!root.place.open || root.drawn === root.links) return;
    root.drawn = root.links;
    root.place.lastElementChild?.replaceWith(drawFrom(root.link));
  };
  const begin = (link: StoryLink): Root => {
    const count = draw('small', '');
    const summary = draw('summary', 'typed', ...told(link), count);
    const fold = draw('details', '', summary, draw('ul', 'story')) as HTMLDetailsElement;
    const root: Root = { link, links: 0, place: fold, count, drawn: -1 };
    fold.addEventListener('toggle', () => unfold(root));
    roots.set(link.id, root);
    return root;
  };
  /** Takes one link in; the command that it came of, where it came of one. */
  const add = (link: StoryLink): Root | undefined => {
    known.set(link.id, link);
    const siblings = children.get(link.parent);
    if (siblings) siblings.push(link);
    else children.set(link.parent, [link]);
    const typed = link.parent === 0 && link.label.startsWith('typed');
    const root = typed ? begin(link) : rootOf.get(link.parent);
    if (!root) return undefined;
    rootOf.set(link.id, root);
    root.links++;
    return root;
  };
  return (links) => {
    const before = roots.size;
    const grown = new Set<Root>();
    for (const link of links) {
      const root = known.has(link.id) ? undefined : add(link);
      if (root) grown.add(root);
    }
    if (roots.size === 0) {
      tree.replaceChildren(draw('p', 'empty', 'Run an example: what comes of it is told here.'));
    } else if (roots.size > before) {
      const newest = [...roots.values()].slice(-COMMANDS).reverse();
      newest.forEach((root, i) => {
        if (i === 0) root.place.open = true;
        else if (root.drawn < 0) root.place.open = false;
      });
      tree.replaceChildren(...newest.map((root) => root.place));
    }
    for (const root of grown) {
      root.count.textContent = `${root.links - 1} ${root.links === 2 ? 'consequence' : 'consequences'}`;
      unfold(root);
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
