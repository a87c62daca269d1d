// --dry-run, --validate and the line that says what was done to an object.

import type { Routine } from '../../core/wait.ts';
import { klog } from '../component/klog.ts';
import type { Call } from './command.ts';
import { failure } from './failure.ts';
import { nameOf, type Printer, printerOf } from './output/printers.ts';
import type { KubeObject } from './rest.ts';
import { flagText } from './targets.ts';

export type DryRun = 'none' | 'client' | 'server';

/** What --dry-run asks for. */
export function* dryRunOf(call: Call): Routine<DryRun> {
  const value = call.values.text('dry-run');
  switch (value) {
    case 'none':
    case 'client':
    case 'server':
      return value;
    case 'false':
      yield* warnDryRun(call, value, 'none');
      return 'none';
    case 'true':
      yield* warnDryRun(call, value, 'client');
      return 'client';
    case 'unchanged':
      yield* warn(call, '--dry-run is deprecated and can be replaced with --dry-run=client.');
      return 'client';
    default:
      throw failure(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
  }
}

function* warnDryRun(call: Call, value: string, means: string): Routine<void> {
  yield* warn(
    call,
    `--dry-run=${value} is deprecated (boolean value) and can be replaced with --dry-run=${means}.`,
  );
}

const warn = (call: Call, text: string): Routine<void> =>
  klog(call.main, 'W', 'helpers.go:719', text);

/** The query parameters of a write. */
export function writeQuery(
  call: Call,
  dryRun: DryRun,
  defaultManager: string,
): Record<string, string> {
  const manager = call.values.changed('field-manager')
    ? call.values.text('field-manager')
    : defaultManager;
  return { ...(dryRun === 'server' ? { dryRun: 'All' } : {}), fieldManager: manager };
}

/** --validate as the server's fieldValidation. */
export function fieldValidation(call: Call): string {
  const value = call.values.text('validate').toLowerCase();
  const known: Readonly<Record<string, string>> = {
    strict: 'Strict',
    true: 'Strict',
    warn: 'Warn',
    ignore: 'Ignore',
    false: 'Ignore',
  };
  const found = known[value];
  if (found === undefined)
    throw failure(`invalid - validate option "${call.values.text('validate')}"`);
  return found;
}

/** Prints `pod/web created`, or the object in the form that -o asks for. */
export interface ResultPrinter {
  show(object: KubeObject, operation: string): Routine<void>;
}

/** How a command reports; `-o name` leaves the operation out. `structs`: see PrinterRules. */
export function* resultPrinter(
  call: Call,
  dryRun: DryRun,
  structs = false,
): Routine<ResultPrinter> {
  const asked = flagText(call, 'output') !== '' || flagText(call, 'template') !== '';
  const printer: Printer | undefined = asked ? yield* printerOf(call, { structs }) : undefined;
  const suffix =
    dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : '';
  return {
    *show(object, operation) {
      if (printer) yield* call.out(printer.print(object));
      else
        yield* call.out(`${nameOf(object)}${operation === '' ? '' : ` ${operation}`}${suffix}\n`);
    },
  };
}
