// What is left out of the labs' code beside whole programs (scripts/distant-parts.ts): for each name the modules of src/sim
// that are fetched together.

export const DISTANT_PARTS: Readonly<Record<string, readonly string[]>> = {
  'shell/variables': ['userland/shell/builtins/{declare,options}.ts'],
  'shell/printf': ['userland/shell/builtins/printf-builtin.ts'],
  'shell/read': ['userland/shell/builtins/read.ts'],
  'shell/test': ['userland/shell/builtins/test.ts'],
  'shell/jobs': ['userland/shell/builtins/{jobs,signals}.ts'],
  'shell/lookup': ['userland/shell/builtins/{lookup,help}.ts'],
  'shell/resources': ['userland/shell/builtins/resources.ts'],
  'shell/invoke': ['userland/shell/invoke.ts'],
  'shell/readline': [
    'userland/shell/readline/{complete,editor,interact}.ts',
    'userland/shell/builtins/{completion,history}.ts',
  ],
  'shell/conditional': ['userland/shell/run/conditional.ts'],
  'shell/select': ['userland/shell/run/select.ts'],
  'shell/connection': ['userland/shell/run/connection.ts'],
  'shell/parameters': ['userland/shell/expand/parameters.ts'],
  'systemd/answer': ['userland/systemd/answer.ts'],
};
