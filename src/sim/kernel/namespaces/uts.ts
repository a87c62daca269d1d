// UTS namespaces: host name and NIS domain name (uts_namespaces(7)).

import type { Namespace } from './namespace.ts';
import type { UserNamespace } from './user.ts';

export class UtsNamespace implements Namespace {
  readonly kind = 'uts';
  readonly inode: number;
  readonly owner: UserNamespace;
  hostname: string;
  domainname: string;
  constructor(inode: number, owner: UserNamespace, hostname: string, domainname = '(none)') {
    this.inode = inode;
    this.owner = owner;
    this.hostname = hostname;
    this.domainname = domainname;
  }
}
