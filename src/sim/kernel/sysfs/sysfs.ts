// The sysfs file system: devices, classes, file systems and kernel settings as files. A mount belongs to a network
// namespace: /sys/class/net shows its links. Only what programs of the labs read is there.

import type { FileSystem, FileSystemUse, Inode } from '../files/inode.ts';
import type { Kernel } from '../kernel.ts';
import type { NetworkNamespace } from '../network/namespace.ts';
import { ProcTree, type TreeDirectory, type TreeEntry, type TreeFile } from '../proc/tree.ts';
import { networkClass } from './network-class.ts';

export class SysFileSystem implements FileSystem {
  readonly type = 'sysfs';
  readonly device: number;
  readonly root: Inode;
  readonly options = '';
  readonly kernel: Kernel;
  readonly network: NetworkNamespace;
  private inodes = 0;

  constructor(kernel: Kernel, network: NetworkNamespace) {
    this.kernel = kernel;
    this.network = network;
    this.device = kernel.nextDevice();
    this.root = new ProcTree(this, rootDirectory(this), undefined);
  }
  nextInode(): number {
    return ++this.inodes;
  }
  use(): FileSystemUse {
    return { total: 0, used: 0, files: 0 };
  }
}

const text = (contents: string): TreeFile => ({
  kind: 'file',
  mode: 0o444,
  read: () => `${contents}\n`,
});

/** A directory with these entries. */
export function folder(entries: Readonly<Record<string, TreeEntry>>): TreeDirectory {
  const map = new Map(Object.entries(entries));
  return { kind: 'directory', mode: 0o755, entries: () => map };
}

const empty = folder({});

function processors(kernel: Kernel): TreeDirectory {
  const { count } = kernel.processors;
  const range = count > 1 ? `0-${count - 1}` : '0';
  const entries: Record<string, TreeEntry> = {
    online: text(range),
    possible: text(range),
    present: text(range),
    offline: text(''),
    kernel_max: text('8191'),
  };
  for (let i = 0; i < count; i++) {
    entries[`cpu${i}`] = folder({
      topology: folder({
        core_id: text(String(i)),
        physical_package_id: text('0'),
        thread_siblings_list: text(String(i)),
      }),
    });
  }
  return folder(entries);
}

function blockDevice(kernel: Kernel): TreeDirectory {
  const [device = 0, disk] = [...kernel.disks][0] ?? [];
  return folder({
    dev: text(`${device >> 8}:${device & 255}`),
    size: text(String(Math.floor((disk?.use().total ?? 0) / 512))),
    ro: text('0'),
    removable: text('0'),
    queue: folder({ rotational: text('1'), scheduler: text('[mq-deadline] none') }),
  });
}

function rootDirectory(fs: SysFileSystem): TreeDirectory {
  const { kernel, network } = fs;
  const name = kernel.rootDevice.replace('/dev/', '').replace(/\d+$/, '');
  const disk = blockDevice(kernel);
  return folder({
    block: folder({ [name]: disk }),
    bus: folder({ cpu: empty, pci: empty, virtio: empty, workqueue: empty }),
    class: folder({
      net: networkClass(network),
      block: folder({ [name]: disk }),
      mem: empty,
      misc: empty,
      tty: empty,
      thermal: empty,
      dmi: folder({ id: folder({ sys_vendor: text('QEMU'), product_name: text('Standard PC') }) }),
    }),
    dev: folder({ block: empty, char: empty }),
    devices: folder({
      system: folder({
        cpu: processors(kernel),
        node: folder({ online: text('0'), node0: empty }),
      }),
      virtual: folder({
        net: networkClass(network),
        dmi: folder({ id: folder({ product_name: text('Standard PC') }) }),
      }),
    }),
    firmware: empty,
    fs: folder({
      bpf: empty,
      cgroup: empty,
      ext4: empty,
      fuse: folder({ connections: empty }),
      pstore: empty,
      overlay: empty,
    }),
    hypervisor: empty,
    kernel: folder({
      debug: empty,
      mm: folder({ transparent_hugepage: folder({ enabled: text('[always] madvise never') }) }),
      security: folder({ lsm: text('lockdown,capability,landlock,yama,apparmor') }),
      tracing: empty,
      config: empty,
      cgroup: folder({
        delegate: text(
          [
            'cgroup.procs',
            'cgroup.threads',
            'cgroup.subtree_control',
            'memory.oom.group',
            'memory.reclaim',
          ].join('\n'),
        ),
        features: text('nsdelegate\nfavordynmods\nmemory_localevents\nmemory_recursiveprot'),
      }),
    }),
    module: folder({
      apparmor: folder({ parameters: folder({ enabled: text('N') }) }),
      overlay: empty,
      br_netfilter: empty,
    }),
    power: folder({ state: text('freeze mem disk') }),
  });
}
