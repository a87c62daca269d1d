// What must be true of a whole project: services have an image, names refer to what exists, nothing depends on itself.

import { type Project, type Service, scaleOf, sortedEntries } from './project.ts';
import { ComposeProblem } from './tree.ts';

const INVALID = 'invalid compose project';

const fail = (text: string): never => {
  throw new ComposeProblem(text);
};

/** Refuses a project that cannot be. */
export function checkConsistency(project: Project): void {
  for (const [, service] of sortedEntries(project.services)) {
    checkImage(service);
    checkReferences(project, service);
    checkLimits(service);
    checkMounts(service);
  }
  for (const [name, secret] of sortedEntries(project.secrets))
    if (!secret.external && !secret.file && !secret.environment)
      fail(`secret "${name}" must declare either \`file\` or \`environment\`: ${INVALID}`);
  for (const [name] of sortedEntries(project.services)) searchCycle(project, [name]);
}

function checkImage(service: Service): void {
  const { name, build, image, provider } = service;
  if (!build && !image && !provider)
    fail(`service "${name}" has neither an image nor a build context specified: ${INVALID}`);
  if (build?.dockerfile_inline && build.dockerfile)
    fail(
      `service "${name}" declares mutualy exclusive dockerfile and dockerfile_inline: ${INVALID}`,
    );
  const platforms = build?.platforms ?? [];
  if (platforms.length > 0 && service.platform && !platforms.includes(service.platform))
    fail(`service.build.platforms MUST include service.platform "${service.platform}": ${INVALID}`);
  const test = service.healthcheck?.test?.[0];
  if (test !== undefined && !['CMD', 'CMD-SHELL', 'NONE'].includes(test))
    fail('healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"');
}

function checkReferences(project: Project, service: Service): void {
  const { name, network_mode: mode } = service;
  const networks = Object.keys(service.networks ?? {});
  if (mode && networks.length > 0)
    fail(
      `service ${name} declares mutually exclusive \`network_mode\` and \`networks\`: ${INVALID}`,
    );
  const undefinedOne = (kind: string, source: string): never =>
    fail(`service "${name}" refers to undefined ${kind} ${source}: ${INVALID}`);
  for (const network of networks.sort())
    if (!(network in project.networks)) undefinedOne('network', network);
  for (const [other, { required }] of sortedEntries(service.depends_on)) {
    if (other in project.services || (other in project.disabled && !required)) continue;
    fail(`service "${name}" depends on undefined service "${other}": ${INVALID}`);
  }
  const shared = mode?.startsWith('service:') ? mode.slice('service:'.length) : undefined;
  if (shared !== undefined && !(shared in project.services))
    fail(`service "${shared}" not found for network_mode 'service:${shared}'`);
  for (const { type, source } of service.volumes ?? [])
    if (type === 'volume' && source && !(source in project.volumes)) undefinedOne('volume', source);
  for (const { source } of service.build?.secrets ?? [])
    if (!(source in project.secrets)) undefinedOne('build secret', source);
  for (const { source } of service.configs ?? [])
    if (!(source in project.configs)) undefinedOne('config', source);
  for (const model of Object.keys(service.models ?? {}))
    if (!(model in project.models)) undefinedOne('model', model);
  for (const { source } of service.secrets ?? [])
    if (!(source in project.secrets)) undefinedOne('secret', source);
}

function checkLimits(service: Service): void {
  const { name, scale, deploy, container_name } = service;
  const distinct = (one: string, other: string): never =>
    fail(`services.${name}: can't set distinct values on '${one}' and '${other}': ${INVALID}`);
  if (scale !== undefined && deploy?.replicas !== undefined && scale !== deploy.replicas)
    distinct('scale', 'deploy.replicas');
  if ((scale ?? 0) < 0) fail(`services.${name}.scale: must be greater than or equal to 0`);
  if ((deploy?.replicas ?? 0) < 0)
    fail(`services.${name}.deploy.replicas: must be greater than or equal to 0`);
  const limits = deploy?.resources?.limits;
  const reserved = deploy?.resources?.reservations;
  if (service.cpus && limits && (limits.cpus ?? 0) !== service.cpus)
    distinct('cpus', 'deploy.resources.limits.cpus');
  if (service.mem_limit && limits && (limits.memory ?? 0) !== service.mem_limit)
    distinct('mem_limit', 'deploy.resources.limits.memory');
  if (service.mem_reservation && reserved && (reserved.memory ?? 0) !== service.mem_reservation)
    distinct('mem_reservation', 'deploy.resources.reservations.memory');
  if (service.pids_limit && limits && (limits.pids ?? 0) !== service.pids_limit)
    distinct('pids_limit', 'deploy.resources.limits.pids');
  if (scaleOf(service) > 1 && container_name)
    fail(
      `services.${scale === undefined ? 'deploy.replicas' : 'scale'}: can't set container_name and ${name} as container name must be unique: ${INVALID}`,
    );
}

function checkMounts(service: Service): void {
  const { name } = service;
  const mounted = new Map<string, string>();
  const take = (path: string, place: string): void => {
    const before = mounted.get(path);
    if (before !== undefined) fail(`${place}: target ${path} already mounted as ${before}`);
    mounted.set(path, place);
  };
  (service.tmpfs ?? []).forEach((spec, i) =>
    take(spec.split(':', 1)[0] ?? '', `services.${name}.tmpfs[${i}]`),
  );
  (service.volumes ?? []).forEach(({ target }, i) =>
    take(target, `services.${name}.volumes[${i}]`),
  );
  for (const { target, action } of service.develop?.watch ?? [])
    if (!target && action !== 'rebuild' && action !== 'restart')
      fail(
        `services.${name}.develop.watch: target is required for non-rebuild actions: ${INVALID}`,
      );
}

function searchCycle(project: Project, path: readonly string[]): void {
  const last = project.services[path.at(-1) ?? ''];
  for (const [name] of sortedEntries(last?.depends_on)) {
    const at = path.indexOf(name);
    if (at >= 0) fail(`dependency cycle detected: ${[...path.slice(at), name].join(' -> ')}`);
    searchCycle(project, [...path, name]);
  }
}

/** Two services cannot be given one container name. */
export function checkContainerNames(project: Project): void {
  const taken = new Map<string, string>();
  for (const [name, { container_name }] of sortedEntries(project.services)) {
    if (!container_name) continue;
    if (taken.has(container_name))
      fail(`services.${name}: container name "${container_name}" is already in use by service {}"`);
    taken.set(container_name, name);
  }
}
