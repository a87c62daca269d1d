// The lines of containers' logs in the two forms that the kubelet reads (kuberuntime/logs): the CRI's, and docker's json-file.

/** A line of a log: when it was written, and what was printed with its newline. */
export interface LogLine {
  readonly time: string;
  readonly text: string;
}

/** Reads a line; of a part of a longer one there is no newline. */
export function readLogLine(line: string): LogLine {
  if (line.startsWith('{')) return readJsonLine(line);
  const [time = '', , tag = 'F', ...words] = line.split(' ');
  return { time, text: words.join(' ') + (tag === 'F' ? '\n' : '') };
}

/** `{"log":"text\\n","stream":"stdout","time":"2026-03-02T09:00:01Z"}` */
function readJsonLine(line: string): LogLine {
  try {
    const { log = '', time = '' } = JSON.parse(line) as { log?: string; time?: string };
    return { time, text: log };
  } catch {
    return { time: '', text: '' };
  }
}
