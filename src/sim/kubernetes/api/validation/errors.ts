// field.Error: what is wrong with one field of an object, in the server's words.

/** The kinds of error: the words that begin the message, and the reason of its cause. */
const TYPES = {
  required: ['Required value', 'FieldValueRequired'],
  invalid: ['Invalid value', 'FieldValueInvalid'],
  typeInvalid: ['Invalid value', 'FieldValueTypeInvalid'],
  notSupported: ['Unsupported value', 'FieldValueNotSupported'],
  forbidden: ['Forbidden', 'FieldValueForbidden'],
  duplicate: ['Duplicate value', 'FieldValueDuplicate'],
  notFound: ['Not found', 'FieldValueNotFound'],
  tooLong: ['Too long', 'FieldValueTooLong'],
  tooMany: ['Too many', 'FieldValueTooMany'],
  internal: ['Internal error', 'InternalError'],
} as const;

export type FieldErrorType = keyof typeof TYPES;

/** Types whose message does not show the value. */
const WITHOUT_VALUE: ReadonlySet<FieldErrorType> = new Set([
  'required',
  'forbidden',
  'tooLong',
  'tooMany',
  'internal',
]);

export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  /** The message without the field: `Invalid value: -1: must be greater than or equal to 0`. */
  readonly body: string;
  readonly reason: string;
}

function make(type: FieldErrorType, field: string, value: unknown, detail: string): FieldError {
  const [words, reason] = TYPES[type];
  const shown = WITHOUT_VALUE.has(type) ? words : `${words}: ${show(value)}`;
  return { type, field, body: detail === '' ? shown : `${shown}: ${detail}`, reason };
}

/** A map as Go prints it: by its keys. */
export function sortedMap<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function show(value: unknown): string {
  if (value === undefined) return 'null';
  const text = JSON.stringify(value);
  return typeof value === 'object' ? text.replace(/[<>&]/g, escaped) : text;
}

/** Go's JSON escapes what HTML would read. */
function escaped(letter: string): string {
  return `\\u00${letter.charCodeAt(0).toString(16)}`;
}

export const fieldErrors = {
  required: (field: string, detail = ''): FieldError => make('required', field, '', detail),
  invalid: (field: string, value: unknown, detail: string): FieldError =>
    make('invalid', field, value, detail),
  /** Wrong as a whole: the value is not shown (field.OmitValueType). */
  invalidWhole: (field: string, detail: string): FieldError => ({
    ...make('invalid', field, '', detail),
    body: `Invalid value: ${detail}`,
  }),
  typeInvalid: (field: string, value: unknown, detail: string): FieldError =>
    make('typeInvalid', field, value, detail),
  notSupported: (field: string, value: unknown, allowed: readonly string[]): FieldError =>
    make(
      'notSupported',
      field,
      value,
      allowed.length === 0
        ? ''
        : `supported values: ${allowed.map((one) => JSON.stringify(one)).join(', ')}`,
    ),
  forbidden: (field: string, detail: string): FieldError => make('forbidden', field, '', detail),
  duplicate: (field: string, value: unknown): FieldError => make('duplicate', field, value, ''),
  notFound: (field: string, value: unknown): FieldError => make('notFound', field, value, ''),
  tooLong: (field: string, maximum: number): FieldError =>
    make('tooLong', field, '', `may not be more than ${maximum} bytes`),
  tooMany: (field: string, actual: number, maximum: number): FieldError =>
    make('tooMany', field, actual, `${actual}: must have at most ${maximum} items`),
  internal: (field: string, detail: string): FieldError => make('internal', field, '', detail),
};

/** `spec.x: Invalid value: …`, the field being left out where there is none. */
export function describeError(error: FieldError): string {
  return error.field === '' ? error.body : `${error.field}: ${error.body}`;
}

/** One error as it is, several in brackets; the same text is said once. */
export function describeErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(describeError))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}
