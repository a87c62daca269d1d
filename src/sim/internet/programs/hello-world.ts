// /hello of the image hello-world.

import { program } from '../../userland/libc/stdio.ts';

export const helloWorld = program('hello', function* (main) {
  main.out.put(
    '\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n\n',
  );
  return 0;
});
