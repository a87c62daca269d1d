// What a client asks a build for: the attributes of the dockerfile front end, where the result goes, and what is kept
// from the caches.

export interface ExtraHost {
  readonly host: string;
  readonly address: string;
}

/** One destination of a result. */
export interface Output {
  readonly type: 'image' | 'docker' | 'oci' | 'local' | 'tar' | 'cacheonly';
  readonly attributes: Readonly<Record<string, string>>;
}

export interface BuildOptions {
  /** The name of the Dockerfile within its directory. */
  readonly filename: string;
  /** The main context: the client's own directory, or an address that the daemon fetches. */
  readonly context: string;
  readonly target: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly platforms: readonly string[];
  readonly noCache: boolean;
  readonly noCacheStages: readonly string[];
  readonly pull: boolean;
  readonly network: string;
  readonly shmSize: number;
  readonly hosts: readonly ExtraHost[];
  readonly ulimits: readonly string[];
  readonly contexts: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly outputs: readonly Output[];
  readonly push: boolean;
  /** `build`, `check`, `outline` or `targets`. */
  readonly call: string;
  readonly provenance: boolean;
  /** Entitlements that the client grants: network.host, security.insecure. */
  readonly allowed: readonly string[];
}
