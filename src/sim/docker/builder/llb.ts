// LLB: what a build is made of below the Dockerfile. Vertices with an operation and inputs make a graph; what is not
// reached from the result is not done. Scratch, the empty file system, is no vertex.

import { digestOf, type Platform } from '../../containers/images/oci.ts';
import { encode } from '../../core/text.ts';
import type { Lines } from './dockerfile/errors.ts';

/** A file system: what a vertex leaves behind, or nothing at all. */
export type State = Vertex | undefined;

export interface Chown {
  readonly user: string;
}

/** Takes files from an input into the file system. */
export interface CopyAction {
  readonly type: 'copy';
  /** Index into the vertex's inputs. */
  readonly input: number;
  readonly source: string;
  readonly destination: string;
  readonly chown: string;
  readonly chmod: string;
  readonly exclude: readonly string[];
  /** Patterns below the source, for --parents. */
  readonly include: readonly string[];
  readonly required: boolean;
  readonly wildcard: boolean;
  readonly contentsOnly: boolean;
  readonly unpack: boolean;
}

export type FileAction =
  | CopyAction
  | { readonly type: 'mkdir'; readonly path: string; readonly user: string }
  | {
      readonly type: 'mkfile';
      readonly path: string;
      readonly mode: number;
      readonly content: string;
    };

export interface ExecMount {
  readonly type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
  readonly target: string;
  /** Index into the vertex's inputs, for bind mounts and caches that begin with files. */
  readonly input: number | undefined;
  readonly source: string;
  readonly readOnly: boolean;
  readonly id: string;
  readonly sharing: string;
  readonly size: number;
  readonly required: boolean;
  readonly env: string | undefined;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

export type Operation =
  | {
      readonly type: 'image';
      /** The full name with its digest. */
      readonly reference: string;
      readonly platform: Platform;
    }
  | {
      readonly type: 'local';
      readonly name: string;
      /** Paths that are needed; all of them where it is undefined. */
      follow: readonly string[] | undefined;
      exclude: readonly string[];
    }
  | {
      readonly type: 'http';
      readonly url: string;
      readonly filename: string;
      readonly checksum: string;
    }
  | {
      readonly type: 'git';
      readonly remote: string;
      readonly ref: string;
      readonly directory: string;
      readonly keepGitDir: boolean;
      readonly checksum: string;
    }
  | {
      readonly type: 'exec';
      /** What it runs as: the same command gives other files on another platform. */
      readonly platform: string;
      readonly args: readonly string[];
      readonly env: readonly string[];
      readonly cwd: string;
      readonly user: string;
      readonly network: string;
      readonly insecure: boolean;
      readonly mounts: readonly ExecMount[];
      readonly shmSize: number;
      readonly hosts: readonly string[];
      readonly ulimits: readonly string[];
    }
  | { readonly type: 'file'; readonly actions: readonly FileAction[] }
  | { readonly type: 'merge' };

export interface Vertex {
  readonly operation: Operation;
  /** The first is what the result begins with, for exec, file and merge. */
  readonly inputs: readonly State[];
  /** As progress shows it. */
  readonly name: string;
  readonly lines: Lines | undefined;
  readonly noCache: boolean;
}

const known = new WeakMap<Vertex, string>();

/** Names a vertex by what it does and what it stands on. */
export function vertexDigest(vertex: Vertex): string {
  const before = known.get(vertex);
  if (before !== undefined) return before;
  const inputs = vertex.inputs.map((input) => (input ? vertexDigest(input) : ''));
  const digest = digestOf(encode(JSON.stringify([vertex.operation, inputs, vertex.noCache])));
  known.set(vertex, digest);
  return digest;
}
