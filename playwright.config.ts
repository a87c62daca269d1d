// The browser tests: the built site in dist/, served as GitHub Pages serves it, in the system's Chromium
// (CHROME_PATH names another; without one Playwright's own is taken).

import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const base = (process.env.DRYDOCK_BASE ?? '/').replace(/\/?$/, '/');
const chromium = process.env.CHROME_PATH ?? '/usr/bin/chromium';
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const offline = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

export default defineConfig({
  testDir: 'tests/browser',
  workers: 1,
  timeout: 120_000,
  reporter: 'list',
  use: {
    baseURL: `http://127.0.0.1:4173${base}`,
    launchOptions: {
      ...(existsSync(chromium) ? { executablePath: chromium } : {}),
      args: [...quiet, ...offline],
    },
  },
  webServer: {
    command: 'node scripts/serve.mjs 4173',
    url: `http://127.0.0.1:4173${base}`,
    reuseExistingServer: true,
  },
});
