// Every limit of the simulator, with the reason for each. A limit that is met is reported in the words
// of the real system where it has one (EAGAIN, ENOSPC, ENFILE); otherwise the lab says so and stays alive.

export const limits = {
  /** Kernel steps in one advance: about a second of host time, then the page gets its turn. */
  stepsPerAdvance: 2_000_000,
  /** Tasks of one machine (kernel.pid_max of a small machine); fork then fails with EAGAIN. */
  tasks: 32_768,
  /** Tasks of one user (RLIMIT_NPROC of a login): a fork bomb meets this first. */
  tasksPerUser: 2_000,
  /** Open descriptors of one process (RLIMIT_NOFILE's soft value in a login shell). */
  descriptors: 1024,
  /** What RLIMIT_NOFILE may be raised to (fs.nr_open). */
  mostDescriptors: 1_048_576,
  /** Bytes in one file: what a reader's tab can hold beside everything else. */
  fileBytes: 256 * 1024 * 1024,
  /** Characters of one variable or word of a shell, and words of one list: more would not fit a reader's tab. */
  shellText: 32 * 1024 * 1024,
  shellWords: 2_000_000,
  /** Bytes that a program may read in to hold all of them at once; the OOM killer ends it beyond that. */
  heldBytes: 256 * 1024 * 1024,
  /** Bytes a pipe holds (Linux: 16 pages). */
  pipeBytes: 65_536,
  /** Bytes a stream socket holds in each direction. */
  socketBytes: 212_992,
  /** Bytes of output that one command may show in the page; more is counted and cut. */
  outputBytes: 2 * 1024 * 1024,
  /** Bytes of arguments and environment of one exec (ARG_MAX); execve then fails with E2BIG. */
  argumentBytes: 2_097_152,
  /** Symbolic links followed in one path (Linux: 40); then ELOOP. */
  symlinks: 40,
  /** Bytes of one path (PATH_MAX); then ENAMETOOLONG. */
  pathBytes: 4096,
  /** Bytes of one name (NAME_MAX); then ENAMETOOLONG. */
  nameBytes: 255,
  /** Depth of shell functions and substitutions, so that a recursion ends before the host's stack does. */
  shellDepth: 800,
  /** Levels of a YAML document (go-yaml: 10,000), which are read by recursion. */
  yamlDepth: 1000,
  /** Bytes of one word of a shell; then the allocation fails, long before the host's strings end. */
  shellWordBytes: 128 * 1024 * 1024,
  /** Length of a chain of causes that is kept; older links are cut. */
  causeDepth: 400,
  /** Bytes of one object in etcd (--max-request-bytes). */
  etcdRequestBytes: 1_572_864,
  /** Routers a packet may pass (initial TTL of Linux). */
  timeToLive: 64,
} as const;

/** What engines say where a text or a list would be longer than they can hold. */
const EXHAUSTED: ReadonlySet<string> = new Set([
  'Invalid string length',
  'Invalid array length',
  'invalid array length',
  'Invalid typed array length',
  'Array buffer allocation failed',
  'Map maximum size exceeded',
  'Set maximum size exceeded',
  'Out of memory',
]);

/** True of what the host throws there: no memory for a program. Asked where the stack may be full: it takes little. */
export function isExhausted(thrown: unknown): boolean {
  return thrown instanceof RangeError && EXHAUSTED.has(thrown.message);
}
