// The files of /proc/PID/net, by name: each makes its text from a network namespace.

import type { NetworkNamespace } from './namespace.ts';

/** Makes the text of one file. */
export type NetworkText = (network: NetworkNamespace) => string;

function deviceTable(network: NetworkNamespace): string {
  const head =
    'Inter-|   Receive                                                |  Transmit\n' +
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n';
  const rows = network.linksByIndex.map((link) => {
    const { received, sent } = link;
    const cell = (value: number, width: number): string => String(value).padStart(width);
    return (
      `${link.name.padStart(6)}:${cell(received.bytes, 8)} ${cell(received.packets, 7)}    0 ${cell(received.dropped, 4)}` +
      `    0     0          0         0 ${cell(sent.bytes, 8)} ${cell(sent.packets, 7)}    0 ${cell(sent.dropped, 4)}` +
      '    0     0       0          0\n'
    );
  });
  return head + rows.join('');
}

/** Every file of the directory. */
export const networkFiles: ReadonlyMap<string, NetworkText> = new Map([['dev', deviceTable]]);
