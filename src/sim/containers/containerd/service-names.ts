// Paths of containerd's services.

export const CONTENT_SERVICE = '/containerd.services.content.v1.Content/';
export const IMAGE_SERVICE = '/containerd.services.images.v1.Images/';
export const SNAPSHOT_SERVICE = '/containerd.services.snapshots.v1.Snapshots/';
export const CONTAINER_SERVICE = '/containerd.services.containers.v1.Containers/';
export const TASK_SERVICE = '/containerd.services.tasks.v1.Tasks/';
export const LEASE_SERVICE = '/containerd.services.leases.v1.Leases/';
export const NAMESPACE_SERVICE = '/containerd.services.namespaces.v1.Namespaces/';
export const EVENT_SERVICE = '/containerd.services.events.v1.Events/';
export const VERSION_METHOD = '/containerd.services.version.v1.Version/Version';
/** Unpacking in the daemon (real clients drive the diff service from their own side, with the same result). */
export const UNPACK_METHOD = '/containerd.services.transfer.v1.Transfer/Unpack';
