// The releases of Node that images hold, by major version, with the npm that came with each.

export const NODE_RELEASES: Readonly<
  Record<string, { readonly node: string; readonly npm: string }>
> = {
  '16': { node: '16.20.2', npm: '8.19.4' },
  '18': { node: '18.20.8', npm: '10.8.2' },
  '20': { node: '20.20.0', npm: '10.8.2' },
  '22': { node: '22.22.0', npm: '10.9.4' },
  '24': { node: '24.13.0', npm: '11.6.2' },
  '25': { node: '25.6.0', npm: '11.8.0' },
};

/** What an image's node is called in the table of programs. */
export function imageNode(major: string): string {
  return `node-${major}`;
}
