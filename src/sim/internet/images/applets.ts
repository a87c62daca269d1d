// The names under which busybox 1.36 is linked in the busybox image: all that the program itself knows.

export { APPLETS as BUSYBOX_APPLETS } from '../../userland/programs/busybox/applets.ts';
