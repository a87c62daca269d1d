// Reading: without JavaScript, on a phone, offline, in the dark, with axe, and the page's own promises
// (no request elsewhere, no violation of the policy, no layout shift, its weight).

import { gzipSync } from 'node:zlib';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';

/** A page of every kind: the front page, a note on each lab, the lists, what is not there. */
const PAGES = [
  '',
  'namespaces/',
  'containers/',
  'runtimes/',
  'etcd/',
  'pods/',
  'kube-proxy/',
  'clusters/',
  'toolbox/network/',
  'map/',
  'commands/',
  'glossary/',
  'coverage/',
  'fidelity/',
  'how-it-works/',
  '404.html',
];
/** Pages that are read; the rest are lists. */
const CONTENT = [
  '',
  'namespaces/',
  'pods/',
  'services/',
  'deployments/',
  'building-images/',
  'map/',
];
const KILOBYTE = 1024;

test('a note reads without JavaScript, results included', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: baseURL ?? '' });
  const page = await context.newPage();
  await page.goto('namespaces/');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('#run-1 .typed').first()).toContainText('readlink');
  await expect(page.locator('#run-1 .out').first()).not.toBeEmpty();
  await expect(page.getByRole('button', { name: /Run/ })).toHaveCount(0);
  await context.close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing, ${colorScheme}`, async ({ browser, baseURL }) => {
    test.setTimeout(300_000);
    const context = await browser.newContext({ colorScheme, baseURL: baseURL ?? '' });
    const page = await context.newPage();
    for (const path of PAGES) {
      await page.goto(path);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map((v) => `${path}: ${v.id}: ${v.nodes[0]?.html}`)).toEqual([]);
    }
    await context.close();
  });
}

test('nothing is wider than a phone', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of PAGES) {
    await page.goto(path);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, path).toBeLessThanOrEqual(360);
  }
});

test('no request elsewhere, no violation of the policy, no layout shift', async ({ page }) => {
  const elsewhere: string[] = [];
  const violations = await collectViolations(page);
  page.on('request', (request) => {
    const { hostname } = new URL(request.url());
    if (hostname !== '127.0.0.1') elsewhere.push(request.url());
  });
  await page.addInitScript(() => {
    Object.assign(window, { shifts: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        (window as unknown as { shifts: number }).shifts += (
          entry as unknown as { value: number }
        ).value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  for (const path of PAGES) {
    await page.goto(path);
    await page.mouse.wheel(0, 4000);
    await page.waitForTimeout(200);
    expect(await page.evaluate(() => (window as unknown as { shifts: number }).shifts)).toBe(0);
  }
  expect(elsewhere).toEqual([]);
  expect(violations).toEqual([]);
});

test('a page before any click weighs at most 40 KB, of it 12 KB of JavaScript', async ({
  page,
}) => {
  for (const path of CONTENT) {
    let bytes = 0;
    let script = 0;
    const sizes: Promise<void>[] = [];
    page.removeAllListeners('response');
    page.on('response', (response) => {
      if (response.url().endsWith('sw.js') || response.request().serviceWorker()) return;
      sizes.push(
        response.body().then((body) => {
          const size = gzipSync(body).length;
          bytes += size;
          if (response.request().resourceType() === 'script') script += size;
        }),
      );
    });
    await page.goto(path);
    await page.waitForTimeout(150);
    await Promise.all(sizes);
    expect(bytes, path).toBeLessThan(40 * KILOBYTE);
    expect(script, path).toBeLessThan(12 * KILOBYTE);
  }
});

test('everything is there offline', async ({ page, context }) => {
  await page.goto('');
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await context.setOffline(true);
  await page.goto('namespaces/');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.locator('#run-2 [data-action=run]').click();
  await expect(page.locator('#run-2')).toHaveAttribute('data-state', '');
  await context.setOffline(false);
});

/** What the page's policy stopped, gathered from here on. */
async function collectViolations(page: Page): Promise<string[]> {
  const violations: string[] = [];
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) violations.push(message.text());
  });
  return violations;
}
