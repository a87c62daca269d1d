// gRPC on a simulated connection: calls and streams side by side, as HTTP/2 has them, each message handed on as an
// object. The real bytes are HTTP/2 frames with protobuf in them, which nobody reads here.

import { Content } from '../../core/content.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { EtcdError } from '../error.ts';
import type { Message } from '../raft/message.ts';

/** What one side tells the other. */
export type Frame =
  /** A call begins: its path, and the one message or the first of several. */
  | {
      readonly kind: 'call';
      readonly stream: number;
      readonly path: string;
      readonly message: object;
      readonly token: string | undefined;
    }
  /** Another message of the caller's. */
  | { readonly kind: 'more'; readonly stream: number; readonly message: object }
  | { readonly kind: 'cancel'; readonly stream: number }
  /** A message of the server's. */
  | { readonly kind: 'data'; readonly stream: number; readonly message: object }
  /** The server's one message with its last word, which leave together. */
  | { readonly kind: 'answer'; readonly stream: number; readonly message: object }
  /** The server's last word. */
  | { readonly kind: 'end'; readonly stream: number; readonly error: EtcdError | undefined }
  /** Each side's first word: that it speaks gRPC. */
  | { readonly kind: 'settings' }
  /** Between members: a message of raft's. */
  | { readonly kind: 'raft'; readonly message: Message; readonly clusterId: bigint };

/** The kinds that are frames of gRPC, and not messages of HTTP/1.1. */
const KINDS: ReadonlySet<string | undefined> = new Set<Frame['kind']>([
  'call',
  'more',
  'cancel',
  'data',
  'answer',
  'end',
  'settings',
  'raft',
]);

/** What a reader of bytes sees of a frame: the beginning of an HTTP/2 frame's header. */
const render = (): Uint8Array => Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0);

/** About what a frame takes on the wire. */
const FRAME_SIZE = 160;

/** Sends a frame; false where the connection has gone. */
export function* sendFrame(process: Process, fd: number, frame: Frame): Routine<boolean> {
  const sent = yield* process.sendContent(fd, Content.ofMessage(frame, render), FRAME_SIZE);
  return !isErrno(sent);
}

/** The frame that content is; undefined where it is something else. */
export function frameIn(content: Content): Frame | undefined {
  const message = content.message as { readonly kind?: string } | undefined;
  return KINDS.has(message?.kind) ? (message as Frame) : undefined;
}
