// The site: static pages from content/, at '/' or under the folder that DRYDOCK_BASE names ('/drydock/').
// No inline scripts or styles leave the build, because the pages' Content-Security-Policy forbids them.

import { fileURLToPath } from 'node:url';
import mdx from '@astrojs/mdx';
import sitemap from '@astrojs/sitemap';
import { defineConfig } from 'astro/config';
import { distantParts } from './scripts/distant-parts.ts';
import { distantPrograms } from './scripts/distant-programs.ts';
import { labScripts } from './scripts/lab-scripts.ts';
import { fenceTransformer, inkTheme, inkTransformer } from './src/layouts/highlight.ts';

const labs = process.env.DRYDOCK_LABS;
const others = () => (labs ? [otherLabs(fileURLToPath(new URL(labs, import.meta.url)))] : []);
const workerPlugins = () =>
  labs
    ? [...others(), distantParts(), distantPrograms()]
    : [distantParts(), distantPrograms(), labScripts()];

export default defineConfig({
  site: process.env.DRYDOCK_SITE ?? 'https://drydock.example',
  base: process.env.DRYDOCK_BASE ?? '/',
  trailingSlash: 'always',
  build: { inlineStylesheets: 'never', assets: 'assets' },
  devToolbar: { enabled: false },
  integrations: [mdx(), sitemap({ filter: (page) => !/how-it-works\/./.test(page) })],
  markdown: {
    shikiConfig: { theme: inkTheme, transformers: [inkTransformer, fenceTransformer] },
  },
  vite: {
    build: { assetsInlineLimit: 0 },
    worker: { format: 'es', plugins: workerPlugins },
    plugins: others(),
  },
});

/** Opens the labs of another module than src/sim/labs: the browser tests' small lab. */
function otherLabs(file) {
  const loader = `
    import { openLab } from ${JSON.stringify(file)};
    export const loadLab = async (name, seed) => openLab(name, seed);
  `;
  return {
    name: 'drydock-other-labs',
    enforce: 'pre',
    load: (id) => (id.endsWith('/src/worker/load.ts') ? loader : undefined),
  };
}
