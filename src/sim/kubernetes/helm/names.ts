// The versions that this helm speaks of.

/** Kubernetes' version to templates that are rendered without a cluster. */
export const KUBE_VERSION = 'v1.37.0';
