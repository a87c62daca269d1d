// Which of the build's scripts each lab is switched on with: the worker fetches them side by side, not one after another
// as each is found to import the next. The build (scripts/lab-scripts.ts) writes the list; without it there is none.

/** `lab script script;lab script`. */
export const LIST = '';
