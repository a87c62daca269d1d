// What the values of a running Python take of the machine's memory: long texts, bytes and lists are asked from the
// kernel, so that a group's limit is met where the real one would be. Of values of less than a mebibyte only those are
// counted that a list or a text keeps; what was given away is not taken back before the process ends.

import { limits } from '../../../core/limits.ts';
import type { Routine } from '../../../core/wait.ts';
import { isErrno } from '../../../kernel/errno.ts';
import { killedForMemory } from '../../../kernel/task/run.ts';
import { raise } from './errors.ts';
import type { Vm } from './vm.ts';

/** Values from this size on, in bytes, come from the kernel one by one; smaller ones in steps of this size. */
const COUNTED = 1024 * 1024;
/** Bytes of one item of a list: a pointer. */
export const POINTER = 8;

/**
 * Takes `bytes` for a value that is about to be made. MemoryError where the kernel refuses; the process is killed
 * where its group or the machine is full, and where the value is more than a reader's tab can hold.
 */
export function* hold(vm: Vm, bytes: number): Routine<void> {
  if (bytes < COUNTED) return;
  if (!Number.isSafeInteger(bytes)) throw raise('MemoryError');
  if (isErrno(yield* vm.process.allocate(bytes))) throw raise('MemoryError');
  if (bytes > limits.heldBytes) killedForMemory(vm.process.task);
}

/**
 * Takes `bytes` for what a list or a text keeps from here on; the kernel is asked once enough has come together, and
 * not again for what is long, which was counted when it was made. The process is killed where all that is kept is
 * more than a reader's tab can hold.
 */
export function* keep(vm: Vm, bytes: number): Routine<void> {
  vm.kept += bytes;
  if (vm.kept > limits.heldBytes) killedForMemory(vm.process.task);
  if (bytes >= COUNTED) return;
  vm.owed += bytes;
  if (vm.owed < COUNTED) return;
  const owed = vm.owed;
  vm.owed = 0;
  yield* hold(vm, owed);
}
