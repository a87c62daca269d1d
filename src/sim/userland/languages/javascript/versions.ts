// The interpreters of the releases of Node.

import type { ProgramFile } from '../../../kernel/program.ts';
import { node } from './program.ts';
import { imageNode, NODE_RELEASES } from './releases.ts';

export const imageNodes: readonly ProgramFile[] = Object.entries(NODE_RELEASES).map(
  ([major, release]) => node(imageNode(major), release.node),
);
