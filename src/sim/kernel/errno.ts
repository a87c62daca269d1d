// Errors of system calls: the numbers, names and texts of Linux (errno(3), asm-generic/errno.h) with glibc's
// wording. A call returns one of these constants in place of its result; compare with `===`.

/** An expected failure of a system call. */
export class Errno {
  readonly number: number;
  readonly name: string;
  /** strerror(3)'s text. */
  readonly message: string;
  constructor(number: number, name: string, message: string) {
    this.number = number;
    this.name = name;
    this.message = message;
  }
}

/** True where a call failed. */
export function isErrno(value: unknown): value is Errno {
  return value instanceof Errno;
}

export const EPERM = new Errno(1, 'EPERM', 'Operation not permitted');
export const ENOENT = new Errno(2, 'ENOENT', 'No such file or directory');
export const ESRCH = new Errno(3, 'ESRCH', 'No such process');
export const EINTR = new Errno(4, 'EINTR', 'Interrupted system call');
export const EIO = new Errno(5, 'EIO', 'Input/output error');
export const ENXIO = new Errno(6, 'ENXIO', 'No such device or address');
export const E2BIG = new Errno(7, 'E2BIG', 'Argument list too long');
export const ENOEXEC = new Errno(8, 'ENOEXEC', 'Exec format error');
export const EBADF = new Errno(9, 'EBADF', 'Bad file descriptor');
export const ECHILD = new Errno(10, 'ECHILD', 'No child processes');
export const EAGAIN = new Errno(11, 'EAGAIN', 'Resource temporarily unavailable');
export const ENOMEM = new Errno(12, 'ENOMEM', 'Cannot allocate memory');
export const EACCES = new Errno(13, 'EACCES', 'Permission denied');
export const EFAULT = new Errno(14, 'EFAULT', 'Bad address');
export const ENOTBLK = new Errno(15, 'ENOTBLK', 'Block device required');
export const EBUSY = new Errno(16, 'EBUSY', 'Device or resource busy');
export const EEXIST = new Errno(17, 'EEXIST', 'File exists');
export const EXDEV = new Errno(18, 'EXDEV', 'Invalid cross-device link');
export const ENODEV = new Errno(19, 'ENODEV', 'No such device');
export const ENOTDIR = new Errno(20, 'ENOTDIR', 'Not a directory');
export const EISDIR = new Errno(21, 'EISDIR', 'Is a directory');
export const EINVAL = new Errno(22, 'EINVAL', 'Invalid argument');
export const ENFILE = new Errno(23, 'ENFILE', 'Too many open files in system');
export const EMFILE = new Errno(24, 'EMFILE', 'Too many open files');
export const ENOTTY = new Errno(25, 'ENOTTY', 'Inappropriate ioctl for device');
export const ETXTBSY = new Errno(26, 'ETXTBSY', 'Text file busy');
export const EFBIG = new Errno(27, 'EFBIG', 'File too large');
export const ENOSPC = new Errno(28, 'ENOSPC', 'No space left on device');
export const ESPIPE = new Errno(29, 'ESPIPE', 'Illegal seek');
export const EROFS = new Errno(30, 'EROFS', 'Read-only file system');
export const EMLINK = new Errno(31, 'EMLINK', 'Too many links');
export const EPIPE = new Errno(32, 'EPIPE', 'Broken pipe');
export const EDOM = new Errno(33, 'EDOM', 'Numerical argument out of domain');
export const ERANGE = new Errno(34, 'ERANGE', 'Numerical result out of range');
export const EDEADLK = new Errno(35, 'EDEADLK', 'Resource deadlock avoided');
export const ENAMETOOLONG = new Errno(36, 'ENAMETOOLONG', 'File name too long');
export const ENOSYS = new Errno(38, 'ENOSYS', 'Function not implemented');
export const ENOTEMPTY = new Errno(39, 'ENOTEMPTY', 'Directory not empty');
export const ELOOP = new Errno(40, 'ELOOP', 'Too many levels of symbolic links');
export const EIDRM = new Errno(43, 'EIDRM', 'Identifier removed');
export const ENODATA = new Errno(61, 'ENODATA', 'No data available');
export const EPROTO = new Errno(71, 'EPROTO', 'Protocol error');
export const EOVERFLOW = new Errno(75, 'EOVERFLOW', 'Value too large for defined data type');
export const EUSERS = new Errno(87, 'EUSERS', 'Too many users');
export const ENOTSOCK = new Errno(88, 'ENOTSOCK', 'Socket operation on non-socket');
export const EDESTADDRREQ = new Errno(89, 'EDESTADDRREQ', 'Destination address required');
export const EMSGSIZE = new Errno(90, 'EMSGSIZE', 'Message too long');
export const EPROTOTYPE = new Errno(91, 'EPROTOTYPE', 'Protocol wrong type for socket');
export const ENOPROTOOPT = new Errno(92, 'ENOPROTOOPT', 'Protocol not available');
export const EPROTONOSUPPORT = new Errno(93, 'EPROTONOSUPPORT', 'Protocol not supported');
export const EOPNOTSUPP = new Errno(95, 'EOPNOTSUPP', 'Operation not supported');
export const EAFNOSUPPORT = new Errno(
  97,
  'EAFNOSUPPORT',
  'Address family not supported by protocol',
);
export const EADDRINUSE = new Errno(98, 'EADDRINUSE', 'Address already in use');
export const EADDRNOTAVAIL = new Errno(99, 'EADDRNOTAVAIL', 'Cannot assign requested address');
export const ENETDOWN = new Errno(100, 'ENETDOWN', 'Network is down');
export const ENETUNREACH = new Errno(101, 'ENETUNREACH', 'Network is unreachable');
export const ECONNABORTED = new Errno(103, 'ECONNABORTED', 'Software caused connection abort');
export const ECONNRESET = new Errno(104, 'ECONNRESET', 'Connection reset by peer');
export const EISCONN = new Errno(106, 'EISCONN', 'Transport endpoint is already connected');
export const ENOTCONN = new Errno(107, 'ENOTCONN', 'Transport endpoint is not connected');
export const ETIMEDOUT = new Errno(110, 'ETIMEDOUT', 'Connection timed out');
export const ECONNREFUSED = new Errno(111, 'ECONNREFUSED', 'Connection refused');
export const EHOSTDOWN = new Errno(112, 'EHOSTDOWN', 'Host is down');
export const EHOSTUNREACH = new Errno(113, 'EHOSTUNREACH', 'No route to host');
export const EALREADY = new Errno(114, 'EALREADY', 'Operation already in progress');
export const EINPROGRESS = new Errno(115, 'EINPROGRESS', 'Operation now in progress');
export const ESTALE = new Errno(116, 'ESTALE', 'Stale file handle');
export const EDQUOT = new Errno(122, 'EDQUOT', 'Disk quota exceeded');
