// The releases of Python that images hold, by their series.

export const PYTHON_RELEASES: Readonly<Record<string, string>> = {
  '3.9': '3.9.25',
  '3.10': '3.10.19',
  '3.11': '3.11.14',
  '3.12': '3.12.12',
  '3.13': '3.13.11',
  '3.14': '3.14.2',
};

/** What an image's interpreter is called in the table of programs. */
export function imagePython(series: string): string {
  return `python-${series}`;
}
