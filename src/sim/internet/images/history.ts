// Lines of an image's history that only set its configuration, in the order of a usual Dockerfile; and the layers that
// several images stand on.

import type { BuildStep, FileDefinition } from '../../containers/images/definition.ts';
import type { RunConfig } from '../../containers/images/oci.ts';
import { alpineFiles } from './alpine-files.ts';

/** What BuildKit writes beside every step. */
export const BUILDKIT = { comment: 'buildkit.dockerfile.v0' };

/** A layer of Alpine's root file system. */
export function alpineLayer(version: string): BuildStep {
  return {
    createdBy: `ADD alpine-minirootfs-${version}-x86_64.tar.gz / # buildkit`,
    ...BUILDKIT,
    layer: { compressed: 3_802_452, unpacked: 8_120_000, files: () => alpineFiles(version) },
  };
}

/** A step of BuildKit's that changes files. `megabytes`: compressed and unpacked. */
export function layerStep(
  createdBy: string,
  megabytes: readonly [number, number],
  files: () => readonly FileDefinition[],
): BuildStep {
  const [compressed, unpacked] = megabytes.map((size) => Math.round(size * 1e6 + 512));
  const layer = { compressed: compressed ?? 512, unpacked: unpacked ?? 1024, files };
  return { createdBy: `${createdBy} # buildkit`, ...BUILDKIT, layer };
}

/** A step that images of several times stand on, with the time of its own that its layer then needs. */
export function sharedStep(step: BuildStep, created: string): BuildStep {
  return step.layer ? { ...step, layer: { ...step.layer, created } } : step;
}

function words(list: readonly string[]): string {
  return `[${list.map((word) => JSON.stringify(word)).join(' ')}]`;
}

/** The lines of ENV, VOLUME, WORKDIR, ENTRYPOINT, EXPOSE, STOPSIGNAL, USER and CMD that make `config`. */
export function settingSteps(config: RunConfig): BuildStep[] {
  const steps = (config.Env ?? [])
    .filter((pair) => !pair.startsWith('PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin'))
    .map((pair) => `ENV ${pair}`);
  const { Volumes, WorkingDir, Entrypoint, ExposedPorts, StopSignal, User, Cmd } = config;
  if (Volumes) steps.push(`VOLUME [${Object.keys(Volumes).join(' ')}]`);
  if (WorkingDir !== undefined && WorkingDir !== '/') steps.push(`WORKDIR ${WorkingDir}`);
  if (Entrypoint) steps.push(`ENTRYPOINT ${words(Entrypoint)}`);
  if (ExposedPorts) {
    const ports = Object.keys(ExposedPorts).map((port) => `${port}:{}`);
    steps.push(`EXPOSE map[${ports.join(' ')}]`);
  }
  if (StopSignal !== undefined) steps.push(`STOPSIGNAL ${StopSignal}`);
  if (User !== undefined) steps.push(`USER ${User}`);
  if (Cmd) steps.push(`CMD ${words(Cmd)}`);
  return steps.map((createdBy) => ({ createdBy, ...BUILDKIT }));
}
