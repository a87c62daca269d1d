// Variables set and unset in the words of a shell (pkg/minikube/shell).

/** How a shell sets and unsets a variable, and what tells to do so. */
interface ShellWords {
  readonly set: readonly [before: string, between: string, after: string];
  readonly unset: readonly [before: string, between: string, after: string];
  readonly hint: (what: string, command: string) => string;
}

const POSIX_UNSET = ['unset ', '', ';\n'] as const;

const BASH: ShellWords = {
  set: ['export ', '="', '"\n'],
  unset: POSIX_UNSET,
  hint: (what, command) => `\n# ${what}\n# eval $(${command})\n`,
};

const SHELLS: Readonly<Record<string, ShellWords>> = {
  bash: BASH,
  fish: {
    set: ['set -gx ', ' "', '";\n'],
    unset: ['set -e ', '', ';\n'],
    hint: (what, command) => `\n# ${what}\n# ${command} | source\n`,
  },
  powershell: {
    set: ['$Env:', ' = "', '"\n'],
    unset: ['Remove-Item Env:\\\\', '', '\n'],
    hint: (what, command) => `# ${what}\n# & ${command} --shell powershell | Invoke-Expression\n`,
  },
  cmd: {
    set: ['SET ', '=', '\n'],
    unset: ['SET ', '=', '\n'],
    hint: (what, command) =>
      `REM ${what}\nREM @FOR /f "tokens=*" %i IN ('${command} --shell cmd') DO @%i\n`,
  },
  emacs: {
    set: ['(setenv "', '" "', '")\n'],
    unset: ['(setenv "', '" nil', ')\n'],
    hint: (what, command) =>
      `;; ${what}\n;; (with-temp-buffer (shell-command "${command}" (current-buffer)) (eval-buffer))\n`,
  },
  tcsh: {
    set: ['setenv ', ' "', '";\n'],
    unset: ['unsetenv ', '', ';\n'],
    hint: (what, command) => `\n: "${what}"\n: eval \`${command}\`\n`,
  },
  none: { set: ['', '=', '\n'], unset: ['', '', '\n'], hint: () => '' },
};

const MINIKUBE_EXISTING = 'MINIKUBE_EXISTING_';

function wordsOf(shell: string): ShellWords {
  return SHELLS[shell] ?? BASH;
}

/** A script that sets variables, in their order, with how to run it. */
export function setScript(
  shell: string,
  variables: readonly (readonly [string, string])[],
  hint: readonly [what: string, command: string],
): string {
  const { set, hint: hintOf } = wordsOf(shell);
  const [before, between, after] = set;
  const lines = variables.map(([name, value]) => `${before}${name}${between}${value}${after}`);
  return lines.join('') + hintOf(...hint);
}

/** A script that unsets variables; those that had another value before get it back. */
export function unsetScript(
  shell: string,
  names: readonly string[],
  environment: ReadonlyMap<string, string>,
): string {
  const { set, unset } = wordsOf(shell);
  const earlier = (name: string): string => environment.get(MINIKUBE_EXISTING + name) ?? '';
  const restored = names.filter((name) => earlier(name) !== '');
  const gone = [
    ...names.filter((name) => earlier(name) === ''),
    ...restored.map((name) => MINIKUBE_EXISTING + name),
  ];
  return [
    ...gone.map((name) => `${unset[0]}${name}${unset[1]}${unset[2]}`),
    ...restored.map((name) => `${set[0]}${name}${set[1]}${earlier(name)}${set[2]}`),
  ].join('');
}

/** The variables by which another engine than this machine's is meant. */
export const ENGINE_VARIABLES = ['DOCKER_HOST', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH'] as const;
export const ACTIVE_DOCKERD = 'MINIKUBE_ACTIVE_DOCKERD';

/** What of the engine's variables was set before docker-env changed them. */
export function existingVariables(
  environment: ReadonlyMap<string, string>,
): (readonly [string, string])[] {
  if (environment.get(ACTIVE_DOCKERD)) return [];
  return ['DOCKER_TLS_VERIFY', 'DOCKER_HOST', 'DOCKER_CERT_PATH'].flatMap((name) => {
    const value = environment.get(name);
    return value ? [[`${MINIKUBE_EXISTING}${name}`, value] as const] : [];
  });
}

/** The environment in which this machine's own engine is meant again (oci.PointToHostDockerDaemon). */
export function hostEnvironment(
  environment: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  if (!environment.get(ACTIVE_DOCKERD)) return environment;
  const own = new Map(environment);
  for (const name of ENGINE_VARIABLES) {
    const earlier = environment.get(MINIKUBE_EXISTING + name);
    if (earlier) own.set(name, earlier);
    else own.delete(name);
  }
  return own;
}
