// Signals by number, with what Linux does by default (signal(7)) and the words that shells print.

/** What happens where no handler is set. */
export type DefaultAction = 'terminate' | 'core' | 'ignore' | 'stop' | 'continue';

export interface SignalInfo {
  readonly number: number;
  /** Without SIG. */
  readonly name: string;
  readonly action: DefaultAction;
  /** strsignal(3)'s text. */
  readonly text: string;
}

const TABLE: readonly (readonly [number, string, DefaultAction, string])[] = [
  [1, 'HUP', 'terminate', 'Hangup'],
  [2, 'INT', 'terminate', 'Interrupt'],
  [3, 'QUIT', 'core', 'Quit'],
  [4, 'ILL', 'core', 'Illegal instruction'],
  [5, 'TRAP', 'core', 'Trace/breakpoint trap'],
  [6, 'ABRT', 'core', 'Aborted'],
  [7, 'BUS', 'core', 'Bus error'],
  [8, 'FPE', 'core', 'Floating point exception'],
  [9, 'KILL', 'terminate', 'Killed'],
  [10, 'USR1', 'terminate', 'User defined signal 1'],
  [11, 'SEGV', 'core', 'Segmentation fault'],
  [12, 'USR2', 'terminate', 'User defined signal 2'],
  [13, 'PIPE', 'terminate', 'Broken pipe'],
  [14, 'ALRM', 'terminate', 'Alarm clock'],
  [15, 'TERM', 'terminate', 'Terminated'],
  [16, 'STKFLT', 'terminate', 'Stack fault'],
  [17, 'CHLD', 'ignore', 'Child exited'],
  [18, 'CONT', 'continue', 'Continued'],
  [19, 'STOP', 'stop', 'Stopped (signal)'],
  [20, 'TSTP', 'stop', 'Stopped'],
  [21, 'TTIN', 'stop', 'Stopped (tty input)'],
  [22, 'TTOU', 'stop', 'Stopped (tty output)'],
  [23, 'URG', 'ignore', 'Urgent I/O condition'],
  [24, 'XCPU', 'core', 'CPU time limit exceeded'],
  [25, 'XFSZ', 'core', 'File size limit exceeded'],
  [26, 'VTALRM', 'terminate', 'Virtual timer expired'],
  [27, 'PROF', 'terminate', 'Profiling timer expired'],
  [28, 'WINCH', 'ignore', 'Window changed'],
  [29, 'IO', 'terminate', 'I/O possible'],
  [30, 'PWR', 'terminate', 'Power failure'],
  [31, 'SYS', 'core', 'Bad system call'],
];

/** All signals, in order of number; real-time ones (34 to 64) terminate and have no text of their own. */
export const signals: readonly SignalInfo[] = TABLE.map(([number, name, action, text]) => ({
  number,
  name,
  action,
  text,
}));

const byName = new Map(signals.map((signal) => [signal.name, signal.number]));
const byNumber = new Map(signals.map((signal) => [signal.number, signal]));

/** What is known of a signal number; undefined where there is none. */
export function signalInfo(number: number): SignalInfo | undefined {
  const known = byNumber.get(number);
  if (known || number < 34 || number > 64) return known;
  const name = number === 64 ? 'RTMAX' : number === 34 ? 'RTMIN' : `RTMIN+${number - 34}`;
  return { number, name, action: 'terminate', text: `Real-time signal ${number - 34}` };
}

/** The number of `TERM`, `SIGTERM`, `sigterm` or `15`; undefined where there is none. */
export function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return number === 0 || signalInfo(number) ? number : undefined;
  }
  const name = text.toUpperCase().replace(/^SIG/, '');
  const aliases: Readonly<Record<string, string>> = { POLL: 'IO', CLD: 'CHLD', IOT: 'ABRT' };
  const number = byName.get(aliases[name] ?? name);
  if (number !== undefined) return number;
  const realTime = /^RTM(IN\+|AX-)(\d+)$/.exec(name);
  if (realTime) return realTime[1] === 'IN+' ? 34 + Number(realTime[2]) : 64 - Number(realTime[2]);
  return name === 'RTMIN' ? 34 : name === 'RTMAX' ? 64 : undefined;
}

export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGQUIT = 3;
export const SIGKILL = 9;
export const SIGUSR1 = 10;
export const SIGSEGV = 11;
export const SIGUSR2 = 12;
export const SIGPIPE = 13;
export const SIGALRM = 14;
export const SIGTERM = 15;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGTSTP = 20;
export const SIGTTIN = 21;
export const SIGTTOU = 22;
export const SIGXCPU = 24;
export const SIGXFSZ = 25;
export const SIGWINCH = 28;
export const SIGPWR = 30;
