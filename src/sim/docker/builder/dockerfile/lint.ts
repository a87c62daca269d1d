// Checks of a Dockerfile (BuildKit's linter): their names, what they say, and where they are switched off.

import type { Lines } from './errors.ts';

/** A check that was not passed. */
export interface Warning {
  readonly rule: string;
  readonly description: string;
  readonly url: string;
  readonly message: string;
  readonly lines: Lines;
}

interface Rule {
  readonly description: string;
  readonly page: string;
  /** `$1` and `$2` are filled in. */
  readonly message: string;
  readonly experimental?: boolean;
}

const RULES = {
  StageNameCasing: {
    description: 'Stage names should be lowercase',
    page: 'stage-name-casing',
    message: "Stage name '$1' should be lowercase",
  },
  FromAsCasing: {
    description: "The 'as' keyword should match the case of the 'from' keyword",
    page: 'from-as-casing',
    message: "'$1' and '$2' keywords' casing do not match",
  },
  NoEmptyContinuation: {
    description: 'Empty continuation lines will become errors in a future release',
    page: 'no-empty-continuation',
    message: 'Empty continuation line',
  },
  ConsistentInstructionCasing: {
    description:
      'All commands within the Dockerfile should use the same casing (either upper or lower)',
    page: 'consistent-instruction-casing',
    message: "Command '$1' should match the case of the command majority ($2)",
  },
  DuplicateStageName: {
    description: 'Stage names should be unique',
    page: 'duplicate-stage-name',
    message: 'Duplicate stage name "$1", stage names should be unique',
  },
  ReservedStageName: {
    description: 'Reserved words should not be used as stage names',
    page: 'reserved-stage-name',
    message: 'Stage name should not use the same name as reserved stage "$1"',
  },
  JSONArgsRecommended: {
    description:
      'JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals',
    page: 'json-args-recommended',
    message:
      'JSON arguments recommended for $1 to prevent unintended behavior related to OS signals',
  },
  MaintainerDeprecated: {
    description:
      'The MAINTAINER instruction is deprecated, use a label instead to define an image author',
    page: 'maintainer-deprecated',
    message: 'Maintainer instruction is deprecated in favor of using label',
  },
  UndefinedArgInFrom: {
    description: 'FROM command must use declared ARGs',
    page: 'undefined-arg-in-from',
    message: "FROM argument '$1' is not declared$2",
  },
  WorkdirRelativePath: {
    description:
      'Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes',
    page: 'workdir-relative-path',
    message: 'Relative workdir "$1" can have unexpected results if the base image changes',
  },
  UndefinedVar: {
    description: 'Variables should be defined before their use',
    page: 'undefined-var',
    message: "Usage of undefined variable '$$1'$2",
  },
  MultipleInstructionsDisallowed: {
    description: 'Multiple instructions of the same type should not be used in the same stage',
    page: 'multiple-instructions-disallowed',
    message:
      'Multiple $1 instructions should not be used in the same stage because only the last one will be used',
  },
  LegacyKeyValueFormat: {
    description: 'Legacy key/value format with whitespace separator should not be used',
    page: 'legacy-key-value-format',
    message: '"$1 key=value" should be used instead of legacy "$1 key value" format',
  },
  InvalidBaseImagePlatform: {
    description: 'Base image platform does not match expected target platform',
    page: '',
    message: 'Base image $1 was pulled with platform $2 for current build',
  },
  RedundantTargetPlatform: {
    description:
      'Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior',
    page: 'redundant-target-platform',
    message:
      'Setting platform to predefined $1 in FROM is redundant as this is the default behavior',
  },
  SecretsUsedInArgOrEnv: {
    description: 'Sensitive data should not be used in the ARG or ENV commands',
    page: 'secrets-used-in-arg-or-env',
    message: 'Do not use ARG or ENV instructions for sensitive data ($1 "$2")',
  },
  InvalidDefaultArgInFrom: {
    description: 'Default value for global ARG results in an empty or invalid base image name',
    page: 'invalid-default-arg-in-from',
    message: 'Default value for ARG $1 results in empty or invalid base image name',
  },
  FromPlatformFlagConstDisallowed: {
    description: 'FROM --platform flag should not use a constant value',
    page: 'from-platform-flag-const-disallowed',
    message: 'FROM --platform flag should not use constant value "$1"',
  },
  CopyIgnoredFile: {
    description: 'Attempting to Copy file that is excluded by .dockerignore',
    page: 'copy-ignored-file',
    message: 'Attempting to $1 file "$2" that is excluded by .dockerignore',
  },
  InvalidDefinitionDescription: {
    description:
      'Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.',
    page: 'invalid-definition-description',
    message: 'Comment for $1 should follow the format: `# $2 <description>`',
    experimental: true,
  },
  ExposeProtoCasing: {
    description: 'Protocol in EXPOSE instruction should be lowercase',
    page: 'expose-proto-casing',
    message: "Defined protocol '$1' in EXPOSE instruction should be lowercase",
  },
  ExposeInvalidFormat: {
    description:
      'IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release',
    page: 'expose-invalid-format',
    message: "EXPOSE instruction should not define an IP address or host-port mapping, found '$1'",
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof RULES;

interface Settings {
  readonly skip: readonly string[];
  readonly experimental: readonly string[];
  readonly error: boolean;
}

/** `skip=A,B;error=true` of the parser directive `check`. */
function settingsOf(text: string): Settings {
  const fields = new Map(
    text.split(';').map((part): [string, string] => {
      const [key = '', value = ''] = part.split('=');
      return [key.trim(), value.trim()];
    }),
  );
  const list = (name: string): string[] =>
    (fields.get(name) ?? '')
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');
  return {
    skip: list('skip'),
    experimental: list('experimental'),
    error: /^(1|t|true)$/i.test(fields.get('error') ?? ''),
  };
}

const SECRET =
  /(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)/i;
const NO_SECRET = /(?:_|^)(?:public|file|version)(?:_|$)/i;

/** True for names of variables that sound like secrets. */
export function soundsSecret(name: string): boolean {
  return SECRET.test(name) && !NO_SECRET.test(name);
}

/** Collects what the checks of one Dockerfile find. */
export class Linter {
  readonly warnings: Warning[] = [];
  private readonly settings: Settings;

  constructor(directive: string) {
    this.settings = settingsOf(directive);
  }

  /** Reports a rule, unless the file or a comment above the instruction skips it. */
  report(
    name: RuleName,
    where: { readonly lines: Lines; readonly comments?: readonly string[] },
    first = '',
    second = '',
  ): void {
    const rule: Rule = RULES[name];
    const own = (where.comments ?? []).flatMap((comment) => {
      const check = /^check\s*=\s*(\S+)/.exec(comment)?.[1];
      return check === undefined ? [] : [settingsOf(check)];
    });
    const listed = (key: 'skip' | 'experimental'): boolean =>
      [this.settings, ...own].some((s) => s[key].includes(name) || s[key].includes('all'));
    if (rule.experimental ? !listed('experimental') : listed('skip')) return;
    const filled = rule.message.replace(
      /\$(\$?)([12])/g,
      (_, dollar: string, n: string) => dollar + (n === '1' ? first : second),
    );
    this.warnings.push({
      rule: name,
      description: rule.description,
      url: rule.page === '' ? '' : `https://docs.docker.com/go/dockerfile/rule/${rule.page}/`,
      message: filled,
      lines: where.lines,
    });
  }

  /** What is wrong where the file asks for errors. */
  get error(): string | undefined {
    if (!this.settings.error || this.warnings.length === 0) return undefined;
    const rules = [...new Set(this.warnings.map(({ rule }) => rule))];
    return `lint violation found for rules: ${rules.join(', ')}`;
  }
}
