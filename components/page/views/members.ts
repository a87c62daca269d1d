// The members of an etcd cluster: who leads in which term, and how far each has come in the one log.

import type { MemberLook } from '../../../src/sim/labs/looks/looks.ts';
import { draw } from './draw.ts';

const HUES = 6;

/** Returns the function that draws the members anew. */
export function membersView(place: HTMLElement): (members: readonly MemberLook[]) => void {
  return (members) => {
    place.replaceChildren(...members.map(memberBox));
    if (members.length === 0) place.append(draw('p', 'empty', 'This lab has no etcd cluster.'));
  };
}

function memberBox(member: MemberLook): HTMLElement {
  const { name, role, id, term, leader, committed, applied, last } = member;
  if (role === 'down') {
    return draw('section', 'box lost', draw('h3', '', name, draw('small', '', 'down')));
  }
  const entries = member.log.map((entry) => {
    const kind = entry.index <= committed ? 'entry' : 'entry pending';
    const cell = draw('span', `${kind} hue-${entry.term % HUES}`, String(entry.index));
    cell.title = `entry ${entry.index} of term ${entry.term}`;
    return cell;
  });
  return draw(
    'section',
    role === 'leader' ? 'box leads' : 'box',
    draw('h3', '', name, draw('small', '', role)),
    draw('p', 'inner', `${id} · term ${term} · follows ${leader || 'nobody'}`),
    draw('p', '', `log to ${last}, committed ${committed}, applied ${applied}`),
    draw('div', 'log', ...entries),
  );
}
