// Profiles: what minikube remembers of a cluster in ~/.minikube/profiles/NAME/config.json, and its own settings in
// ~/.minikube/config/config.json. Fields that nothing here reads are left out.

import { makeDirectories, removeAll, writeWholeFile } from '../../containers/containerd/daemon.ts';
import { encode } from '../../core/text.ts';
import type { Routine } from '../../core/wait.ts';
import type { Process } from '../../kernel/calls/process.ts';
import { isErrno } from '../../kernel/errno.ts';
import { readText } from '../component/kubeconfig.ts';

/** A node of a cluster; the first has no name of its own. */
export interface ProfileNode {
  readonly Name: string;
  readonly IP: string;
  readonly Port: number;
  readonly KubernetesVersion: string;
  readonly ContainerRuntime: string;
  readonly ControlPlane: boolean;
  readonly Worker: boolean;
}

export interface Profile {
  readonly Name: string;
  readonly Memory: number;
  readonly CPUs: number;
  readonly DiskSize: number;
  readonly Driver: string;
  readonly SSHIPAddress: string;
  readonly KubernetesConfig: {
    readonly KubernetesVersion: string;
    readonly ClusterName: string;
    readonly Namespace: string;
    readonly ContainerRuntime: string;
    readonly ServiceCIDR: string;
    readonly CNI: string;
  };
  readonly Nodes: readonly ProfileNode[];
  readonly Addons: Readonly<Record<string, boolean>>;
  readonly MultiNodeRequested?: boolean;
}

/** A setting of minikube itself. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** ~/.minikube, or below MINIKUBE_HOME. */
export function miniHome(process: Process): string {
  const given = process.environment.get('MINIKUBE_HOME');
  if (given) return given.endsWith('.minikube') ? given : `${given}/.minikube`;
  return `${process.environment.get('HOME') ?? '/root'}/.minikube`;
}

function settingsFile(process: Process): string {
  return `${miniHome(process)}/config/config.json`;
}

function profileFolder(process: Process, name: string): string {
  return `${miniHome(process)}/profiles/${name}`;
}

/** The profile called `name`; undefined where there is none. */
export function* loadProfile(process: Process, name: string): Routine<Profile | undefined> {
  const text = yield* readText(process, `${profileFolder(process, name)}/config.json`);
  return isErrno(text) ? undefined : (JSON.parse(text) as Profile);
}

/** The text of a profile's file. */
export function profileText(profile: Profile): string {
  return JSON.stringify(profile, null, '\t');
}

export function saveProfile(process: Process, profile: Profile): void {
  const folder = profileFolder(process, profile.Name);
  makeDirectories(process, folder);
  writeWholeFile(process, `${folder}/config.json`, encode(profileText(profile)), 0o600);
}

export function deleteProfile(process: Process, name: string): void {
  removeAll(process, profileFolder(process, name));
  removeAll(process, `${miniHome(process)}/machines/${name}`);
}

/** All profiles by name. */
export function* listProfiles(process: Process): Routine<readonly Profile[]> {
  const names = process.readdir(`${miniHome(process)}/profiles`);
  const profiles: Profile[] = [];
  for (const { name } of isErrno(names) ? [] : names) {
    const profile = yield* loadProfile(process, name);
    if (profile) profiles.push(profile);
  }
  return profiles.sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

export function* loadSettings(process: Process): Routine<Settings> {
  const text = yield* readText(process, settingsFile(process));
  return isErrno(text) || text.trim() === '' ? {} : (JSON.parse(text) as Settings);
}

export function saveSettings(process: Process, settings: Settings): void {
  makeDirectories(process, `${miniHome(process)}/config`);
  const sorted = Object.fromEntries(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = JSON.stringify(sorted, null, 4);
  writeWholeFile(process, settingsFile(process), encode(text), 0o644);
}

/** The name of a node's machine: the first is called like the cluster. */
export function machineName(profile: Profile, node: ProfileNode): string {
  return node.Name === '' ? profile.Name : `${profile.Name}-${node.Name}`;
}
