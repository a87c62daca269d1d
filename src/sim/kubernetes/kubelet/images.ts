// The image manager: whether a container's image is there or has to be pulled, with the events and the back-off.

import { isReferenceError, parseReference } from '../../containers/images/reference.ts';
import { isRpcError, rpcErrorText } from '../../containers/rpc.ts';
import type { Routine } from '../../core/wait.ts';
import { isErrno } from '../../kernel/errno.ts';
import type { Container } from '../api/types/container.ts';
import type { Pod } from '../api/types/pod.ts';
import type { Waiting } from './container-status.ts';
import { containerSubject, type KubeletContext } from './context.ts';
import { durationText } from './duration.ts';

/** The id of a container's image, pulled if need be; or why the container has to wait. */
export function* ensureImage(
  context: KubeletContext,
  pod: Pod,
  container: Container,
): Routine<{ readonly imageRef: string } | Waiting> {
  const { cri, recorder, pulls, process } = context;
  const { image = '' } = container;
  const about = containerSubject(pod, container.name);
  const parsed = parseReference(image);
  if (isReferenceError(parsed)) {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${parsed}`;
    recorder.event(about, 'Warning', 'InspectFailed', message);
    recorder.event(about, 'Warning', 'Failed', 'Error: InvalidImageName');
    return { reason: 'InvalidImageName', message };
  }
  const tagged =
    parsed.tag === undefined && parsed.digest === undefined ? `${image}:latest` : image;
  const policy =
    container.imagePullPolicy ?? (tagged.endsWith(':latest') ? 'Always' : 'IfNotPresent');
  const found = yield* cri.image(tagged);
  const present = !isErrno(found) && !isRpcError(found) && found !== null ? found : undefined;
  if (present && policy !== 'Always') {
    const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
    recorder.event(about, 'Normal', 'Pulled', message);
    return { imageRef: present.id };
  }
  if (policy === 'Never') {
    const message = `Container image "${image}" is not present with pull policy of Never`;
    recorder.event(about, 'Warning', 'ErrImageNeverPull', message);
    recorder.event(about, 'Warning', 'Failed', 'Error: ErrImageNeverPull');
    return { reason: 'ErrImageNeverPull', message };
  }
  const key = `${pod.metadata.uid}_${image}`;
  const last = lastErrors.get(context)?.get(key);
  if (last && pulls.remaining(key, last.at, process.now) > 0) {
    recorder.event(about, 'Normal', 'BackOff', `Back-off pulling image "${image}"`);
    recorder.event(about, 'Warning', 'Failed', 'Error: ImagePullBackOff');
    return {
      reason: 'ImagePullBackOff',
      message: `Back-off pulling image "${image}": ErrImagePull: ${last.message}`,
    };
  }
  recorder.event(about, 'Normal', 'Pulling', `Pulling image "${image}"`);
  const begun = process.now;
  const pulled = yield* cri.pull(tagged);
  if (!isRpcError(pulled)) {
    const now = yield* cri.image(tagged);
    const size = isRpcError(now) || now === null ? '0' : now.size;
    const took = durationText(process.now - begun);
    const message = `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${size} bytes.`;
    recorder.event(about, 'Normal', 'Pulled', message);
    return { imageRef: pulled };
  }
  const message = rpcErrorText(pulled);
  const errors = lastErrors.get(context) ?? new Map<string, { at: number; message: string }>();
  lastErrors.set(context, errors);
  errors.set(key, { at: process.now, message });
  pulls.next(key, process.now);
  recorder.event(about, 'Warning', 'Failed', `Failed to pull image "${image}": ${message}`);
  recorder.event(about, 'Warning', 'Failed', 'Error: ErrImagePull');
  return { reason: 'ErrImagePull', message };
}

/** The last failure of each pull, for the text of the back-off. */
const lastErrors = new WeakMap<KubeletContext, Map<string, { at: number; message: string }>>();
