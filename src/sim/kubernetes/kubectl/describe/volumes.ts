// Volumes as kubectl describe lists them: one table of types with what each says.

import type { Volume } from '../../api/types/volume.ts';
import type { Lines } from './writer.ts';

type Fields = Readonly<Record<string, unknown>>;
type Row = readonly [string, unknown];

/** What is said of each type of volume. */
const TYPES: Readonly<Record<string, (source: Fields) => { type: string; rows: readonly Row[] }>> =
  {
    hostPath: (s) => ({
      type: 'HostPath (bare host directory volume)',
      rows: [
        ['Path', s.path],
        ['HostPathType', s.type ?? '<none>'],
      ],
    }),
    emptyDir: (s) => ({
      type: "EmptyDir (a temporary directory that shares a pod's lifetime)",
      rows: [
        ['Medium', s.medium ?? ''],
        ['SizeLimit', s.sizeLimit ?? '<unset>'],
      ],
    }),
    secret: (s) => ({
      type: 'Secret (a volume populated by a Secret)',
      rows: [
        ['SecretName', s.secretName],
        ['Optional', s.optional ?? false],
      ],
    }),
    configMap: (s) => ({
      type: 'ConfigMap (a volume populated by a ConfigMap)',
      rows: [
        ['Name', s.name],
        ['Optional', s.optional ?? false],
      ],
    }),
    persistentVolumeClaim: (s) => ({
      type: 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
      rows: [
        ['ClaimName', s.claimName],
        ['ReadOnly', s.readOnly ?? false],
      ],
    }),
    nfs: (s) => ({
      type: 'NFS (an NFS mount that lasts the lifetime of a pod)',
      rows: [
        ['Server', s.server],
        ['Path', s.path],
        ['ReadOnly', s.readOnly ?? false],
      ],
    }),
    downwardAPI: (s) => ({
      type: 'DownwardAPI (a volume populated by information about the pod)',
      rows: [
        ['Items', ''],
        ...((s.items ?? []) as { path: string; fieldRef?: { fieldPath: string } }[]).map(
          (item): Row => [`  ${item.fieldRef?.fieldPath ?? ''} -> ${item.path}`, undefined],
        ),
      ],
    }),
    local: (s) => ({
      type: 'LocalVolume (a persistent volume backed by local storage on a node)',
      rows: [['Path', s.path]],
    }),
    csi: (s) => ({
      type: 'CSI (a Container Storage Interface (CSI) volume source)',
      rows: [
        ['Driver', s.driver],
        ['FSType', s.fsType ?? ''],
        ...(s.volumeHandle === undefined ? [] : [['VolumeHandle', s.volumeHandle] as Row]),
        ['ReadOnly', s.readOnly ?? false],
        ...attributes((s.volumeAttributes ?? {}) as Readonly<Record<string, string>>),
      ],
    }),
    image: (s) => ({
      type: 'Image (a container image or OCI artifact)',
      rows: [
        ['Reference', s.reference],
        ['PullPolicy', s.pullPolicy ?? ''],
      ],
    }),
    ephemeral: (s) => ({
      type: 'EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)',
      rows: claimRows((s.volumeClaimTemplate ?? {}) as { spec?: Fields; metadata?: Fields }),
    }),
    projected: (s) => ({
      type: 'Projected (a volume that contains injected data from multiple sources)',
      rows: ((s.sources ?? []) as Readonly<Record<string, Fields | undefined>>[]).flatMap(
        projection,
      ),
    }),
  };

function attributes(map: Readonly<Record<string, string>>): Row[] {
  const texts = Object.keys(map)
    .sort()
    .map((key) => `${key}=${map[key] ?? ''}`);
  return [
    ['VolumeAttributes', texts[0] ?? '<none>'],
    ...texts.slice(1).map((text): Row => [`\t${text}`, undefined]),
  ];
}

/** A claim's template, with the fields that mean something before it is bound. */
function claimRows({ spec = {}, metadata = {} }: { spec?: Fields; metadata?: Fields }): Row[] {
  const pairs = (map: unknown, sign: string): string =>
    Object.entries((map ?? {}) as object)
      .map(([key, value]) => `${key}${sign}${String(value)}`)
      .sort()
      .join('\n\t') || '<none>';
  return [
    ['StorageClass', spec.storageClassName ?? ''],
    ['Volume', spec.volumeName ?? ''],
    ['Labels', pairs(metadata.labels, '=')],
    ['Annotations', pairs(metadata.annotations, ': ')],
    ['Capacity', ''],
    ['Access Modes', ''],
    ...(spec.volumeMode ? [['VolumeMode', spec.volumeMode] as Row] : []),
  ];
}

function projection(source: Readonly<Record<string, Fields | undefined>>): Row[] {
  const { secret, configMap, downwardAPI, serviceAccountToken } = source;
  if (secret)
    return [
      ['SecretName', secret.name],
      ['Optional', secret.optional ?? false],
    ];
  if (downwardAPI) return [['DownwardAPI', true]];
  if (configMap)
    return [
      ['ConfigMapName', configMap.name],
      ['Optional', configMap.optional ?? false],
    ];
  if (serviceAccountToken)
    return [['TokenExpirationSeconds', serviceAccountToken.expirationSeconds]];
  return [];
}

/** The volumes of a pod or a template. */
export function volumeLines(out: Lines, volumes: readonly Volume[], space: string): void {
  if (volumes.length === 0) {
    out.raw(`${space}Volumes:\t<none>\n`);
    return;
  }
  out.raw(`${space}Volumes:\n`);
  for (const volume of volumes) {
    const { name, ...rest } = volume as unknown as { name: string } & Fields;
    out.raw(`${space}${space === '' ? '  ' : ' '}${name}:\n`);
    const lead = `${space}${space === '' ? '    ' : '  '}`;
    const [kind = '', source] = Object.entries(rest)[0] ?? [];
    const known = TYPES[kind]?.((source ?? {}) as Fields);
    out.raw(`${lead}Type:\t${known?.type ?? `<unknown>`}\n`);
    for (const [title, value] of known?.rows ?? [])
      out.raw(`${lead}${title}${value === undefined ? '' : `:\t${String(value)}`}\n`);
  }
}

/** A persistent volume's source among the fields of its spec. */
export function volumeSourceLines(out: Lines, fields: Fields, lead: string): void {
  for (const [kind, source] of Object.entries(fields)) {
    const known = TYPES[kind]?.((source ?? {}) as Fields);
    if (!known) continue;
    out.raw(`${lead}Type:\t${known.type}\n`);
    for (const [title, value] of known.rows)
      out.raw(`${lead}${title}${value === undefined ? '' : `:\t${String(value)}`}\n`);
    return;
  }
  out.put(1, '<unknown>');
}
