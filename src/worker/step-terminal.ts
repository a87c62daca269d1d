// The terminal that a step of a note opens for a program that is typed into.

/** Columns as everywhere, rows few enough to stand in a text. */
export const STEP_TERMINAL = { columns: 80, rows: 14 } as const;
