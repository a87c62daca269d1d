// What is wrong with the flags of a command line, in the client's words.

export interface FlagError {
  readonly wrong: string;
}

export const wrongFlag = (text: string): FlagError => ({ wrong: text });

export const isFlagError = (value: unknown): value is FlagError =>
  typeof value === 'object' && value !== null && 'wrong' in value;
