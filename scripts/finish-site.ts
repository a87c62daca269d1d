// The last step of the build: a picture for each note, shown where it is linked; the search index over the built
// pages, without Pagefind's ready-made user interfaces; and the service worker with the list of what it keeps.

import { createHash } from 'node:crypto';
import { globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { close, createIndex } from 'pagefind';
import { drawPictures } from './pictures.ts';

const dist = process.argv[2] ?? 'dist';

await drawPictures(dist);

rmSync(join(dist, 'pagefind'), { recursive: true, force: true });
const { index, errors } = await createIndex({});
if (!index) throw new Error(errors.join('\n'));
await index.addDirectory({ path: dist });
await index.writeFiles({ outputPath: join(dist, 'pagefind') });
await close();
for (const file of globSync(join(dist, 'pagefind/*ui*'))) rmSync(file);
for (const file of globSync(join(dist, 'pagefind/*highlight*'))) rmSync(file);

const files = globSync('**/*', { cwd: dist })
  .filter((file) => statSync(join(dist, file)).isFile())
  .filter((file) => file !== 'sw.js' && !file.startsWith('.'))
  .filter((file) => !/^how-it-works\/./.test(file) || file === 'how-it-works/index.html')
  .filter((file) => !file.startsWith('pictures/'))
  .sort();
const hash = createHash('sha256');
for (const file of files) hash.update(file).update(readFileSync(join(dist, file)));
const version = `drydock-${hash.digest('hex').slice(0, 16)}`;
const addresses = files.map((file) => file.replace(/(^|\/)index\.html$/, '$1'));
const head = `const VERSION = '${version}';\nconst FILES = ${JSON.stringify(addresses)};\n`;
writeFileSync(join(dist, 'sw.js'), head + readFileSync('src/worker/service-worker.js', 'utf8'));
console.log(`${files.length} files are kept for offline`);
