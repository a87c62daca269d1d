// Users, roles and permissions (etcd's auth store). Passwords are kept as given; bcrypt is not modelled. Tokens
// are etcd's simple ones, known to the member that gave them.

import type { DeleteRangeRequest, Permission, PutRequest, RequestOp, TxnRequest } from '../api.ts';
import { type EtcdError, etcdErrors } from '../error.ts';
import type { Lessor } from '../mvcc/lease.ts';

const ROOT = 'root';

export interface User {
  readonly name: string;
  readonly password: string;
  readonly noPassword: boolean;
  readonly roles: readonly string[];
}

/** Who asks; no name where the request carried no token. */
export interface Caller {
  readonly user: string;
  /** The auth store's revision at which the token was given. */
  readonly authRevision: number;
}

export const nobody: Caller = { user: '', authRevision: 0 };

export class AuthStore {
  enabled = false;
  /** Goes up with every change. */
  revision = 1;
  readonly users = new Map<string, User>();
  /** Tokens that were given out, with the revision at the time. */
  readonly tokens = new Map<string, Caller>();
  readonly roles = new Map<string, readonly Permission[]>();

  enable(): EtcdError | undefined {
    if (this.enabled) return undefined;
    const root = this.users.get(ROOT);
    if (root === undefined) return etcdErrors.rootUserNotExist;
    if (!root.roles.includes(ROOT)) return etcdErrors.rootRoleNotExist;
    this.enabled = true;
    return undefined;
  }

  disable(): void {
    if (!this.enabled) return;
    this.enabled = false;
    this.revision++;
  }

  /** Checks a name and password. */
  authenticate(name: string, password: string): EtcdError | undefined {
    if (!this.enabled) return etcdErrors.authNotEnabled;
    const user = this.users.get(name);
    const known = user !== undefined && !user.noPassword && user.password === password;
    return known ? undefined : etcdErrors.authFailed;
  }

  addUser(name: string, password: string, noPassword: boolean): EtcdError | undefined {
    if (name === '') return etcdErrors.userEmpty;
    if (this.users.has(name)) return etcdErrors.userExists;
    this.setUser({ name, password, noPassword, roles: [] });
    return undefined;
  }

  deleteUser(name: string): EtcdError | undefined {
    if (this.enabled && name === ROOT) return etcdErrors.invalidAuthManagement;
    if (!this.users.delete(name)) return etcdErrors.userNotFound;
    this.revision++;
    return undefined;
  }

  changePassword(name: string, password: string): EtcdError | undefined {
    const user = this.users.get(name);
    if (user === undefined) return etcdErrors.userNotFound;
    this.setUser({ ...user, password, noPassword: false });
    return undefined;
  }

  grantRole(name: string, role: string): EtcdError | undefined {
    const user = this.users.get(name);
    if (user === undefined) return etcdErrors.userNotFound;
    if (!this.roles.has(role)) return etcdErrors.roleNotFound;
    if (user.roles.includes(role)) return undefined;
    this.setUser({ ...user, roles: [...user.roles, role].sort() });
    return undefined;
  }

  revokeRole(name: string, role: string): EtcdError | undefined {
    if (this.enabled && name === ROOT && role === ROOT) return etcdErrors.invalidAuthManagement;
    const user = this.users.get(name);
    if (user === undefined) return etcdErrors.userNotFound;
    if (!user.roles.includes(role)) return etcdErrors.roleNotGranted;
    this.setUser({ ...user, roles: user.roles.filter((one) => one !== role) });
    return undefined;
  }

  addRole(name: string): EtcdError | undefined {
    if (name === '') return etcdErrors.roleEmpty;
    if (this.roles.has(name)) return etcdErrors.roleExists;
    this.setRole(name, []);
    return undefined;
  }

  deleteRole(name: string): EtcdError | undefined {
    if (this.enabled && name === ROOT) return etcdErrors.invalidAuthManagement;
    if (!this.roles.delete(name)) return etcdErrors.roleNotFound;
    for (const user of [...this.users.values()]) {
      if (!user.roles.includes(name)) continue;
      this.users.set(user.name, { ...user, roles: user.roles.filter((one) => one !== name) });
    }
    this.revision++;
    return undefined;
  }

  grantPermission(name: string, permission: Permission): EtcdError | undefined {
    if (!isValidRange(permission)) return etcdErrors.invalidAuthManagement;
    const held = this.roles.get(name);
    if (held === undefined) return etcdErrors.roleNotFound;
    const others = held.filter((one) => !isSameRange(one, permission));
    const sorted = [...others, permission].sort((a, b) =>
      a.key < b.key ? -1 : a.key > b.key ? 1 : 0,
    );
    this.setRole(name, sorted);
    return undefined;
  }

  revokePermission(name: string, key: string, rangeEnd: string): EtcdError | undefined {
    const held = this.roles.get(name);
    if (held === undefined) return etcdErrors.roleNotFound;
    const rest = held.filter((one) => !isSameRange(one, { key, rangeEnd }));
    if (rest.length === held.length) return etcdErrors.permissionNotGranted;
    this.setRole(name, rest);
    return undefined;
  }

  /** Why the caller may not do what administrators do. */
  refuseAdmin(caller: Caller): EtcdError | undefined {
    if (!this.enabled) return undefined;
    if (caller.user === '') return etcdErrors.userEmpty;
    return this.users.get(caller.user)?.roles.includes(ROOT)
      ? undefined
      : etcdErrors.permissionDenied;
  }

  /** Why a caller without a name is refused. */
  refuseNobody(caller: Caller): EtcdError | undefined {
    return this.enabled && caller.user === '' ? etcdErrors.userEmpty : undefined;
  }

  refuseRead(caller: Caller, key: string, rangeEnd = ''): EtcdError | undefined {
    return this.refuseAccess(caller, key, rangeEnd, 'READ');
  }

  refuseWrite(caller: Caller, key: string, rangeEnd = ''): EtcdError | undefined {
    return this.refuseAccess(caller, key, rangeEnd, 'WRITE');
  }

  private refuseAccess(
    caller: Caller,
    key: string,
    rangeEnd: string,
    need: 'READ' | 'WRITE',
  ): EtcdError | undefined {
    if (!this.enabled) return undefined;
    if (caller.user === '') return etcdErrors.userEmpty;
    if (caller.authRevision < this.revision) return etcdErrors.authOldRevision;
    const user = this.users.get(caller.user);
    if (user === undefined) return etcdErrors.permissionDenied;
    if (user.roles.includes(ROOT)) return undefined;
    const held = user.roles.flatMap((role) => this.roles.get(role) ?? []);
    const usable = held.filter((one) => one.permType === need || one.permType === 'READWRITE');
    return coversAll(usable, key, rangeEnd) ? undefined : etcdErrors.permissionDenied;
  }

  private setUser(user: User): void {
    this.users.set(user.name, user);
    this.revision++;
  }

  private setRole(name: string, permissions: readonly Permission[]): void {
    this.roles.set(name, permissions);
    this.revision++;
  }
}

function isSameRange(
  one: { readonly key: string; readonly rangeEnd: string },
  other: { readonly key: string; readonly rangeEnd: string },
): boolean {
  return one.key === other.key && one.rangeEnd === other.rangeEnd;
}

/** A key alone, a range that ends after it begins, or one without an end. */
function isValidRange({ key, rangeEnd }: Permission): boolean {
  return key !== '' && (rangeEnd === '' || rangeEnd === '\0' || key < rangeEnd);
}

/** The end of a range for comparing: a single key ends right after itself, an open one never. */
function endOf(key: string, rangeEnd: string): string | undefined {
  if (rangeEnd === '') return `${key}\0`;
  return rangeEnd === '\0' ? undefined : rangeEnd;
}

/** True where permissions, joined where they meet, hold all of a range. */
function coversAll(permissions: readonly Permission[], key: string, rangeEnd: string): boolean {
  const end = endOf(key, rangeEnd);
  let reached: string | undefined = key;
  const sorted = [...permissions].sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const permission of sorted) {
    if (permission.key > reached) return false;
    const its = endOf(permission.key, permission.rangeEnd);
    if (its === undefined) return true;
    if (its > reached) reached = its;
    if (end !== undefined && reached >= end) return true;
  }
  return false;
}

/** Why a put is refused to a caller: the key, the old value, or keys of a lease that it may not write. */
export function refusePutTo(
  auth: AuthStore,
  lessor: Lessor,
  caller: Caller,
  request: PutRequest,
): EtcdError | undefined {
  return (
    auth.refuseWrite(caller, request.key) ??
    refuseLeaseTo(auth, lessor, caller, request.lease ?? 0n) ??
    (request.prevKv ? auth.refuseRead(caller, request.key) : undefined)
  );
}

/** Why a caller may not end a lease: it may not write one of its keys. */
export function refuseLeaseTo(
  auth: AuthStore,
  lessor: Lessor,
  caller: Caller,
  id: bigint,
): EtcdError | undefined {
  const lease = lessor.leases.get(id);
  if (lease === undefined || auth.refuseAdmin(caller) === undefined) return undefined;
  for (const key of lease.keys) {
    const refusal = auth.refuseWrite(caller, key);
    if (refusal) return refusal;
  }
  return undefined;
}

export function refuseDeleteTo(
  auth: AuthStore,
  caller: Caller,
  request: DeleteRangeRequest,
): EtcdError | undefined {
  return (
    auth.refuseWrite(caller, request.key, request.rangeEnd) ??
    (request.prevKv ? auth.refuseRead(caller, request.key, request.rangeEnd) : undefined)
  );
}

/** Why a transaction is refused: every part of it must be allowed, in both branches. */
export function refuseTxnTo(
  auth: AuthStore,
  lessor: Lessor,
  caller: Caller,
  request: TxnRequest,
): EtcdError | undefined {
  for (const compare of request.compare) {
    const refusal = auth.refuseRead(caller, compare.key, compare.rangeEnd);
    if (refusal) return refusal;
  }
  for (const op of [...request.success, ...request.failure]) {
    const refusal = refuseOpTo(auth, lessor, caller, op);
    if (refusal) return refusal;
  }
  return undefined;
}

function refuseOpTo(
  auth: AuthStore,
  lessor: Lessor,
  caller: Caller,
  op: RequestOp,
): EtcdError | undefined {
  if ('range' in op) return auth.refuseRead(caller, op.range.key, op.range.rangeEnd);
  if ('put' in op) return refusePutTo(auth, lessor, caller, op.put);
  if ('deleteRange' in op) return refuseDeleteTo(auth, caller, op.deleteRange);
  return refuseTxnTo(auth, lessor, caller, op.txn);
}
