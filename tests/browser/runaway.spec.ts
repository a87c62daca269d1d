// What runs away in the terminal: the page answers meanwhile, Ctrl-C and Reset work, and memory stays bounded.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';

const NOTE = 'namespaces/';
const MEGABYTE = 1024 ** 2;
/** What the browser's processes may grow by together. */
const ROOM = 700 * MEGABYTE;

/** Memory of the processes that this one started, in bytes; 0 where there is no /proc. */
function memory(): number {
  const parents = new Map<number, number>();
  try {
    for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      const stat = readOrNothing(`/proc/${name}/stat`);
      parents.set(Number(name), Number(/\) \S (\d+)/.exec(stat)?.[1] ?? 0));
    }
  } catch {
    return 0;
  }
  const isOurs = (pid: number): boolean => {
    const parent = parents.get(pid) ?? 0;
    return parent === process.pid || (parent > 1 && isOurs(parent));
  };
  return [...parents.keys()]
    .filter(isOurs)
    .map((pid) => /^Rss:\s+(\d+)/m.exec(readOrNothing(`/proc/${pid}/smaps_rollup`))?.[1])
    .reduce((sum, kilobytes) => sum + Number(kilobytes ?? 0) * 1024, 0);
}

/** A process may be gone by the time it is looked at. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function openTerminal(page: Page): Promise<void> {
  await page.goto(NOTE);
  await page.locator('.dock [data-view=terminal]').click();
  await expect(page.locator('.dock-screen .xterm-rows')).toContainText('#');
}

/** Other views open and show what is there, as they would not if the lab or the page stood still. */
async function pageAnswers(page: Page): Promise<void> {
  await page.locator('.dock [data-view=processes]').click();
  await expect(page.locator('.view-processes .process').first()).toBeVisible({ timeout: 30_000 });
  await page.locator('.dock [data-view=terminal]').click();
  await page.locator('.dock-screen .xterm-helper-textarea').focus();
}

async function shellAnswers(page: Page): Promise<void> {
  await page.keyboard.type('clear; echo a$((6 * 7))z\n');
  await expect(page.locator('.dock-screen .xterm-rows')).toContainText('a42z', { timeout: 30_000 });
}

for (const [what, typed] of [
  ['an endless loop', 'while :; do :; done'],
  ['a flood of output', 'yes'],
  ['a program that fills memory', 'awk "BEGIN { x = \\"ab\\"; while (1) x = x x }"'],
]) {
  test(`${what}: the page answers, Ctrl-C ends it, memory is bounded`, async ({ page }) => {
    await openTerminal(page);
    const before = memory();
    await page.keyboard.type(`${typed}\n`);
    await page.waitForTimeout(1500);
    await pageAnswers(page);
    expect(memory() - before).toBeLessThan(ROOM);
    await page.keyboard.press('Control+c');
    await shellAnswers(page);
  });
}

test('a line of ten megabytes, printed and pasted: the page answers', async ({ page }) => {
  await openTerminal(page);
  const before = memory();
  await page.keyboard.type('head -c 10000000 /dev/zero | tr "\\0" a\n');
  await page.waitForTimeout(1500);
  await pageAnswers(page);
  await page.keyboard.press('Control+c');
  await shellAnswers(page);
  await page.locator('.dock-screen .xterm-helper-textarea').evaluate((place) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'a'.repeat(10_000_000));
    place.dispatchEvent(new ClipboardEvent('paste', { clipboardData, cancelable: true }));
  });
  await pageAnswers(page);
  expect(memory() - before).toBeLessThan(2 * ROOM);
  await page.locator('[data-action=reset]').click();
  await page.locator('#run-1 [data-action=run]').click();
  await expect(page.locator('#run-1')).toHaveAttribute('data-state', '', { timeout: 30_000 });
});

test('a fork bomb: the page answers, Reset ends it, memory is bounded', async ({ page }) => {
  await openTerminal(page);
  const before = memory();
  await page.keyboard.type(':(){ :|:& };:\n');
  await page.waitForTimeout(1500);
  await pageAnswers(page);
  expect(memory() - before).toBeLessThan(ROOM);
  await page.locator('[data-action=reset]').click();
  await page.locator('#run-1 [data-action=run]').click();
  await expect(page.locator('#run-1')).toHaveAttribute('data-state', '', { timeout: 30_000 });
});

test('an example that runs away is stopped, and the page goes on', async ({ page }) => {
  await page.goto(NOTE);
  await page.locator('#run-1 [data-action=run]').click();
  await expect(page.locator('#run-1')).toHaveAttribute('data-state', '');
  await page.locator('.dock [data-view=terminal]').click();
  await expect(page.locator('.dock-screen .xterm-rows')).toContainText('#');
  await page.keyboard.type('yes > /dev/null\n');
  await page.locator('#run-2 [data-action=run]').click();
  await expect(page.locator('#run-2')).toHaveAttribute('data-state', '', { timeout: 60_000 });
});
