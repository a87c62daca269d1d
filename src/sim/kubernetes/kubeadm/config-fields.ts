// The fields of kubeadm's configuration kinds (kubeadm.k8s.io/v1beta4, v1beta3) and their Go types, by which a file is
// decoded strictly: a value of another type is an error, an unknown field an error or a warning. Fields that are not spelled
// out (taints, environment) are taken as they are.

import { jsonKind } from '../api/fields/json.ts';
import { Failure } from './failure.ts';

/** A Go type as it is printed: `string`, `[]Arg`; names of structs of this package have no `v1beta4.` before them. */
type Fields = Readonly<Record<string, string>>;

const words = (text: string): Fields =>
  Object.fromEntries(text.split(' ').map((word) => word.split(':') as [string, string]));

const TYPE_META = 'apiVersion:string kind:string ';
const UPGRADE =
  'kubernetesVersion:string allowExperimentalUpgrades:bool allowRCUpgrades:bool dryRun:bool etcdUpgrade:bool ignorePreflightErrors:[]string printConfig:bool';
const NODE =
  'certificateRenewal:bool dryRun:bool etcdUpgrade:bool ignorePreflightErrors:[]string skipPhases:[]string patches:Patches imagePullPolicy:any imagePullSerial:bool';

/** Structs by name. A field `+` is embedded: its fields are the struct's own. */
const STRUCTS: Readonly<Record<string, Fields>> = {
  InitConfiguration: words(
    `${TYPE_META}bootstrapTokens:[]BootstrapToken dryRun:bool nodeRegistration:NodeRegistrationOptions localAPIEndpoint:APIEndpoint certificateKey:string skipPhases:[]string patches:Patches timeouts:Timeouts`,
  ),
  ClusterConfiguration: words(
    `${TYPE_META}etcd:Etcd networking:Networking kubernetesVersion:string controlPlaneEndpoint:string apiServer:APIServer controllerManager:ControlPlaneComponent scheduler:ControlPlaneComponent dns:DNS proxy:Proxy certificatesDir:string imageRepository:string featureGates:any clusterName:string encryptionAlgorithm:any certificateValidityPeriod:any caCertificateValidityPeriod:any`,
  ),
  JoinConfiguration: words(
    `${TYPE_META}dryRun:bool nodeRegistration:NodeRegistrationOptions caCertPath:string discovery:Discovery controlPlane:JoinControlPlane skipPhases:[]string patches:Patches timeouts:Timeouts`,
  ),
  ResetConfiguration: words(
    `${TYPE_META}cleanupTmpDir:bool certificatesDir:string criSocket:string dryRun:bool force:bool ignorePreflightErrors:[]string skipPhases:[]string unmountFlags:[]string timeouts:Timeouts`,
  ),
  UpgradeConfiguration: words(
    `${TYPE_META}apply:UpgradeApplyConfiguration diff:UpgradeDiffConfiguration node:UpgradeNodeConfiguration plan:UpgradePlanConfiguration timeouts:Timeouts`,
  ),
  UpgradeApplyConfiguration: words(
    `${UPGRADE} certificateRenewal:bool forceUpgrade:bool patches:Patches skipPhases:[]string imagePullPolicy:any imagePullSerial:bool`,
  ),
  UpgradePlanConfiguration: words(UPGRADE),
  UpgradeNodeConfiguration: words(NODE),
  UpgradeDiffConfiguration: words('kubernetesVersion:string contextLines:int'),
  BootstrapToken: words(
    'token:any description:string ttl:any expires:any usages:[]string groups:[]string',
  ),
  ControlPlaneComponent: words('extraArgs:[]Arg extraVolumes:[]HostPathMount extraEnvs:any'),
  APIServer: words('+:ControlPlaneComponent certSANs:[]string'),
  DNS: words('+:ImageMeta disabled:bool'),
  Proxy: words('disabled:bool'),
  ImageMeta: words('imageRepository:string imageTag:string'),
  APIEndpoint: words('advertiseAddress:string bindPort:int32'),
  NodeRegistrationOptions: words(
    'name:string criSocket:string taints:any kubeletExtraArgs:[]Arg ignorePreflightErrors:[]string imagePullPolicy:any imagePullSerial:bool',
  ),
  Networking: words('serviceSubnet:string podSubnet:string dnsDomain:string'),
  Etcd: words('local:LocalEtcd external:ExternalEtcd'),
  LocalEtcd: words(
    '+:ImageMeta dataDir:string extraArgs:[]Arg extraEnvs:any serverCertSANs:[]string peerCertSANs:[]string',
  ),
  ExternalEtcd: words(
    'endpoints:[]string httpEndpoints:[]string caFile:string certFile:string keyFile:string',
  ),
  JoinControlPlane: words('localAPIEndpoint:APIEndpoint certificateKey:string'),
  Discovery: words(
    'bootstrapToken:BootstrapTokenDiscovery file:FileDiscovery tlsBootstrapToken:string',
  ),
  BootstrapTokenDiscovery: words(
    'token:string apiServerEndpoint:string caCertHashes:[]string unsafeSkipCAVerification:bool',
  ),
  FileDiscovery: words('kubeConfigPath:string'),
  HostPathMount: words('name:string hostPath:string mountPath:string readOnly:bool pathType:any'),
  Patches: words('directory:string'),
  Arg: words('name:string value:string'),
  Timeouts: words(
    'controlPlaneComponentHealthCheck:any kubeletHealthCheck:any kubernetesAPICall:any etcdAPICall:any tlsBootstrap:any discovery:any upgradeManifests:any',
  ),
};

/** What v1beta3 has otherwise: maps for arguments, time-outs in other places. */
const OLD: Readonly<Record<string, Fields>> = {
  ControlPlaneComponent: words('extraArgs:map[string]string extraVolumes:[]HostPathMount'),
  APIServer: words('+:ControlPlaneComponent certSANs:[]string timeoutForControlPlane:any'),
  Discovery: { ...STRUCTS.Discovery, timeout: 'any' },
  LocalEtcd: { ...STRUCTS.LocalEtcd, extraArgs: 'map[string]string' },
  NodeRegistrationOptions: {
    ...STRUCTS.NodeRegistrationOptions,
    kubeletExtraArgs: 'map[string]string',
  },
};

/** Where a value is: in JSON, with indexes; in Go, with embedded structs; the struct that its field belongs to. */
interface Place {
  readonly json: string;
  readonly go: string;
  readonly owner: string;
}

const join = (before: string, name: string): string => (before === '' ? name : `${before}.${name}`);

const EXPECTED: Readonly<Record<string, string>> = { bool: 'bool', int32: 'number', int: 'number' };

/** Finds the unknown fields of a document of kubeadm's kinds, in order; throws Failure where a type does not fit. */
export function unknownFields(document: Readonly<Record<string, unknown>>): string[] {
  const kind = String(document.kind);
  const [, version = ''] = String(document.apiVersion).split('/');
  const structs = version === 'v1beta3' ? { ...STRUCTS, ...OLD } : STRUCTS;
  const unknown: string[] = [];

  function wrong(value: unknown, type: string, { go, owner }: Place): never {
    const bare = type.replace(/^\[\]/, '');
    const full = bare in structs ? type.replace(bare, `${version}.${bare}`) : type;
    throw new Failure(
      `error unmarshaling configuration ${gvkText(document)}: json: cannot unmarshal ${jsonKind(value)} into Go struct field ${owner}.${go} of type ${full}`,
    );
  }

  function checkStruct(value: object, name: string, place: Place, owner: string): void {
    const own = structs[name] ?? {};
    const embedded = own['+'];
    const inner = embedded === undefined ? {} : (structs[embedded] ?? {});
    for (const [field, item] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const type = own[field] ?? inner[field];
      const json = join(place.json, field);
      if (type === undefined) unknown.push(json);
      else {
        const path = field in own ? field : `${embedded}.${field}`;
        check(item, type, { json, go: join(place.go, path), owner });
      }
    }
  }

  function check(value: unknown, type: string, place: Place): void {
    if (value === null || value === undefined || type === 'any') return;
    if (type.startsWith('[]')) {
      if (!Array.isArray(value)) wrong(value, type, place);
      for (const [i, item] of value.entries())
        check(item, type.slice(2), { ...place, json: `${place.json}[${i}]` });
      return;
    }
    const wanted =
      type in structs || type.startsWith('map') ? 'object' : (EXPECTED[type] ?? 'string');
    if (jsonKind(value) !== wanted) wrong(value, type, place);
    if (type in structs) checkStruct(value as object, type, place, type);
    else if (wanted === 'object')
      for (const item of Object.values(value as object))
        if (typeof item !== 'string') wrong(item, 'string', place);
  }

  checkStruct(document, kind, { json: '', go: '', owner: kind }, kind);
  return unknown;
}

/** The group, version and kind of a document as Go's %#v prints them. */
export function gvkText({ apiVersion, kind }: Readonly<Record<string, unknown>>): string {
  const [group = '', version = ''] = String(apiVersion).split('/');
  return `schema.GroupVersionKind{Group:"${group}", Version:"${version}", Kind:"${String(kind)}"}`;
}
