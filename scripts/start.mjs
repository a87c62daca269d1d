// `npm start`: installs, builds, serves the built site and prints its address.

import { install, run } from './install.mjs';

install();
run('npm', ['run', '--silent', 'build']);
run('node', ['scripts/serve.mjs', ...process.argv.slice(2)]);
