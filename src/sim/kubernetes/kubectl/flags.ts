// Groups of flags that several commands share (cmdutil.Add…Flags).

import type { Flag } from '../../etcd/cobra/flags.ts';

/** A flag with a text. */
export function text(name: string, usage: string, value = '', short?: string): Flag {
  return { name, kind: 'string', value, usage, ...(short ? { short } : {}) };
}

/** A switch. */
export function bool(name: string, usage: string, value = 'false', short?: string): Flag {
  return { name, kind: 'bool', value, usage, ...(short ? { short } : {}) };
}

/** A flag with a whole number. */
export function int(name: string, usage: string, value: string): Flag {
  return { name, kind: 'int', value, usage };
}

/** A flag that may be repeated; commas within a value separate too where `commas`. */
export function list(name: string, usage: string, short?: string, commas = true): Flag {
  return {
    name,
    kind: commas ? 'strings' : 'array',
    value: commas ? '' : '[]',
    usage,
    ...(short ? { short } : {}),
  };
}

const FILES = 'Filename, directory, or URL to files';

/** -f, -k and -R; `what` ends the first one's usage. */
export function fileFlags(what = 'identifying the resource.'): readonly Flag[] {
  return [
    list('filename', `${FILES} ${what}`, 'f'),
    text(
      'kustomize',
      "Process the kustomization directory. This flag can't be used together with -f or -R.",
      '',
      'k',
    ),
    bool(
      'recursive',
      'Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.',
      'false',
      'R',
    ),
  ];
}

/** -o and what belongs to it. */
export const PRINT_FLAGS: readonly Flag[] = [
  bool(
    'allow-missing-template-keys',
    'If true, ignore any errors in templates when a field or map key is missing in the template. Only applies to golang and jsonpath output formats.',
    'true',
  ),
  text(
    'output',
    'Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file).',
    '',
    'o',
  ),
  bool(
    'show-managed-fields',
    'If true, keep the managedFields when printing objects in JSON or YAML format.',
  ),
  text(
    'template',
    'Template string or path to template file to use when -o=go-template, -o=go-template-file. The template format is golang templates [http://golang.org/pkg/text/template/#pkg-overview].',
  ),
];

/** --dry-run. */
export const DRY_RUN: Flag = {
  name: 'dry-run',
  kind: 'string',
  value: 'none',
  bare: 'unchanged',
  usage:
    'Must be "none", "server", or "client". If client strategy, only print the object that would be sent, without sending it. If server strategy, submit server-side request without persisting the resource.',
};

/** --field-manager. */
export function manager(name: string): Flag {
  return text('field-manager', 'Name of the manager used to track field ownership.', name);
}

/** --validate. */
export const VALIDATE: Flag = {
  name: 'validate',
  kind: 'string',
  value: 'strict',
  bare: 'strict',
  usage:
    'Must be one of: strict (or true), warn, ignore (or false). "true" or "strict" will use a schema to validate the input and fail the request if invalid. It will perform server side validation if ServerSideFieldValidation is enabled on the api-server, but will fall back to less reliable client-side validation if not. "warn" will warn about unknown or duplicate fields without blocking the request if server-side field validation is enabled on the API server, and behave as "ignore" otherwise. "false" or "ignore" will not perform any schema validation, silently dropping any unknown or duplicate fields.',
};

/** -l. */
export const SELECTOR: Flag = text(
  'selector',
  "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.(e.g. -l key1=value1,key2=value2,key3 in (value3)). Matching objects must satisfy all of the specified label constraints.",
  '',
  'l',
);

/** --field-selector. */
export const FIELD_SELECTOR: Flag = text(
  'field-selector',
  "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type.",
);

/** -A. */
export const ALL_NAMESPACES: Flag = bool(
  'all-namespaces',
  'If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.',
  'false',
  'A',
);

/** --all. */
export const ALL: Flag = bool(
  'all',
  'Select all resources in the namespace of the specified resource types.',
);

/** --save-config. */
export const SAVE_CONFIG: Flag = bool(
  'save-config',
  'If true, the configuration of current object will be saved in its annotation. Otherwise, the annotation will be unchanged. This flag is useful when you want to perform kubectl apply on this object in the future.',
);
