// WebSocket and SPDY by themselves: what goes in at one end comes out at the other, however the bytes are cut; header
// blocks are what zlib with SPDY's dictionary makes and reads.

import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encode } from '../../../src/sim/core/text.ts';
import type { Routine } from '../../../src/sim/core/wait.ts';
import { openLab } from '../../../src/sim/labs/index.ts';
import { spawn } from '../../../src/sim/labs/machine.ts';
import type { Process } from '../../../src/sim/kernel/calls/process.ts';
import type { Duplex } from '../../../src/sim/userland/http/message.ts';
import { SpdySession } from '../../../src/sim/userland/http/spdy.ts';
import { HeaderReader, HeaderWriter } from '../../../src/sim/userland/http/spdy-headers.ts';
import { Inbox } from '../../../src/sim/userland/http/streams.ts';
import { WebSocket } from '../../../src/sim/userland/http/websocket.ts';

/** Runs a routine as a process of a Linux machine; its value. */
function run<T>(body: (p: Process) => Routine<T>): T {
  const lab = openLab('linux', 'streams');
  const [machine] = lab.machines;
  if (!machine) throw new Error('a lab without a machine');
  let result: { value: T } | undefined;
  spawn(machine, function* (p) {
    result = { value: yield* body(p) };
    return 0;
  });
  lab.simulation.advance({ until: lab.simulation.now + 1e9, done: () => result !== undefined });
  lab.close();
  if (!result) throw new Error('did not end');
  return result.value;
}

/** Two ends of a connection that cuts what it carries into pieces of `cut` bytes. */
function pair(cut: number): [Duplex, Duplex] {
  const boxes = [new Inbox(), new Inbox()] as const;
  const end = (own: Inbox, other: Inbox): Duplex => ({
    read: () => own.read(),
    *write(bytes) {
      for (let at = 0; at < bytes.length; at += cut) yield* other.push(bytes.slice(at, at + cut));
      return true;
    },
    close() {
      own.end();
      other.end();
    },
  });
  return [end(boxes[0], boxes[1]), end(boxes[1], boxes[0])];
}

test('messages of a WebSocket arrive whole and in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 50 }),
      (messages, cut) => {
        const got = run(function* (p) {
          const [a, b] = pair(cut);
          const client = new WebSocket(p, a, 'client');
          const server = new WebSocket(p, b, 'server');
          const received: number[][] = [];
          for (const message of messages) {
            yield* client.send(message);
            const one = yield* server.receive();
            received.push([...(one?.bytes ?? [])]);
          }
          yield* client.close();
          expect(yield* server.receive()).toBeUndefined();
          return received;
        });
        expect(got).toEqual(messages.map((message) => [...message]));
      },
    ),
    { numRuns: 20 },
  );
});

test('a message of more than 65,535 bytes goes through', () => {
  const size = run(function* (p) {
    const [a, b] = pair(40_000);
    const socket = new WebSocket(p, b, 'server');
    p.thread(function* () {
      yield* new WebSocket(p, a, 'client').send(new Uint8Array(70_000).fill(7));
      return 0;
    });
    const message = yield* socket.receive();
    return message?.bytes.filter((byte) => byte === 7).length;
  });
  expect(size).toBe(70_000);
});

test('streams of a SPDY session keep apart, and each half ends by itself', () => {
  const got = run(function* (p) {
    const [a, b] = pair(7);
    const client = new SpdySession(p, a);
    const server = new SpdySession(p, b);
    const first = yield* client.open({ streamtype: 'data', port: '80' });
    const second = yield* client.open({ streamtype: 'error' });
    const [one, two] = [yield* server.accept(), yield* server.accept()];
    yield* first.write(encode('to one'));
    yield* second.close();
    yield* one?.write(encode('back')) ?? none();
    yield* one?.close() ?? none();
    const parts = [
      one?.headers,
      new TextDecoder().decode(yield* one?.read() ?? none()),
      yield* two?.read() ?? none(),
      new TextDecoder().decode(yield* first.read()),
      yield* first.read(),
    ];
    client.close();
    return parts;
  });
  expect(got).toEqual([{ streamtype: 'data', port: '80' }, 'to one', undefined, 'back', undefined]);
});

function* none(): Routine<undefined> {
  return undefined;
}

test('header blocks that are written can be read, one after another', () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string(), { maxKeys: 4 }), {
        maxLength: 4,
      }),
      (blocks) => {
        const writer = new HeaderWriter();
        const reader = new HeaderReader();
        for (const block of blocks) expect(reader.read(writer.write(block))).toEqual({ ...block });
      },
    ),
  );
});

test('header blocks that zlib compressed are inflated', () => {
  const text = (word: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(word.length);
    return Buffer.concat([length, Buffer.from(word)]);
  };
  const words = ['streamtype', 'error', 'port', '8080', 'content-type', 'text/plain, text/plain'];
  const count = Buffer.from([0, 0, 0, words.length / 2]);
  const block = Buffer.concat([count, ...words.map(text)]);
  // Without the dictionary: zlib's two bytes of header take the place of ours, padded to its length.
  const deflated = deflateSync(block, { finishFlush: 2 }).subarray(2);
  const compressed = Buffer.concat([Buffer.alloc(6), deflated]);
  expect(new HeaderReader().read(new Uint8Array(compressed))).toEqual({
    streamtype: 'error',
    port: '8080',
    'content-type': 'text/plain, text/plain',
  });
});
