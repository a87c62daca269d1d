// The image store: names that point at a manifest or an index (services/images).

import type { RpcContext, RpcMethods } from '../rpc.ts';
import { alreadyExists, invalidArgument, isRpcError, notFound } from '../rpc.ts';
import type { Containerd } from './daemon.ts';
import { fieldsOf, parseFilters } from './filters.ts';
import { collectGarbage } from './gc.ts';
import { layOutPending } from './pending.ts';
import { IMAGE_SERVICE } from './service-names.ts';
import type { ImageRecord } from './types.ts';

/** An image of a namespace. */
export function imageOf(
  daemon: Containerd,
  namespace: string,
  name: string,
): ImageRecord | undefined {
  layOutPending(daemon, namespace);
  return daemon.data(namespace).images.get(name);
}

/** The images of a namespace as they are kept, oldest first. */
export function storedImages(
  daemon: Containerd,
  namespace: string,
): ReadonlyMap<string, ImageRecord> {
  layOutPending(daemon, namespace);
  return daemon.data(namespace).images;
}

/** All images of a namespace, by name. */
export function imagesOf(daemon: Containerd, namespace: string): ImageRecord[] {
  return [...storedImages(daemon, namespace).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function store(daemon: Containerd, namespace: string, image: ImageRecord): ImageRecord {
  const { images } = daemon.data(namespace);
  const before = images.get(image.name);
  const record = { ...image, createdAt: before?.createdAt ?? daemon.now, updatedAt: daemon.now };
  images.set(image.name, record);
  return record;
}

/** The methods of the service. */
export function imageService(daemon: Containerd): RpcMethods {
  const at = IMAGE_SERVICE;
  return {
    *[`${at}Get`](request: { name: string }, { namespace }: RpcContext) {
      const image = imageOf(daemon, namespace, request.name);
      return image ? { image } : notFound(`image "${request.name}"`);
    },
    *[`${at}List`](request: { filters?: readonly string[] }, { namespace }: RpcContext) {
      const filter = parseFilters(request.filters ?? []);
      if (isRpcError(filter)) return filter;
      const images = imagesOf(daemon, namespace).filter((image) => {
        const { digest, mediaType } = image.target;
        return filter(
          fieldsOf(
            { name: image.name, 'target.digest': digest, 'target.mediatype': mediaType },
            image.labels,
          ),
        );
      });
      return { images };
    },
    *[`${at}Create`](request: { image: ImageRecord }, { namespace }: RpcContext) {
      const { name } = request.image;
      if (name === '') return invalidArgument('image name must not be empty');
      if (imageOf(daemon, namespace, name)) return alreadyExists(`image "${name}"`);
      const image = store(daemon, namespace, request.image);
      daemon.events.publish(namespace, '/images/create', { name, ...labelsOf(image) });
      return { image };
    },
    *[`${at}Update`](request: { image: ImageRecord }, { namespace }: RpcContext) {
      const { name } = request.image;
      if (!imageOf(daemon, namespace, name)) return notFound(`image "${name}"`);
      const image = store(daemon, namespace, request.image);
      daemon.events.publish(namespace, '/images/update', { name, ...labelsOf(image) });
      return { image };
    },
    *[`${at}Delete`](request: { name: string; sync?: boolean }, { namespace }: RpcContext) {
      layOutPending(daemon, namespace);
      if (!daemon.data(namespace).images.delete(request.name))
        return notFound(`image "${request.name}"`);
      daemon.events.publish(namespace, '/images/delete', { name: request.name });
      collectGarbage(daemon, namespace);
      return {};
    },
  };
}

function labelsOf(image: ImageRecord): { labels?: ImageRecord['labels'] } {
  return Object.keys(image.labels).length > 0 ? { labels: image.labels } : {};
}
