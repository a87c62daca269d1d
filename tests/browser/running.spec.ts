// Running: a click, the keyboard alone, stop and reset, an edited file, the terminal, the views, the search.

import { expect, test } from '@playwright/test';

const NOTE = 'namespaces/';

test('Run shows what the build had shown', async ({ page }) => {
  await page.goto(NOTE);
  const example = page.locator('#run-2');
  const built = await example.locator('.commands').innerText();
  await example.locator('[data-action=run]').click();
  await expect(example).toHaveAttribute('data-state', '');
  expect(await example.locator('.commands').innerText()).toBe(built);
});

for (const note of ['namespaces/', 'cgroups/', 'etcd/']) {
  test(`every example of ${note} does in the page what it did in the build`, async ({ page }) => {
    const printed = () =>
      page.$$eval('.run', (runs) =>
        runs.map((run) => [...run.querySelectorAll('.out, .exit')].map((out) => out.textContent)),
      );
    await page.goto(note);
    const built = await printed();
    await page.locator('.dock [data-action=run-all]').click();
    await page.waitForFunction(() =>
      [...document.querySelectorAll<HTMLElement>('.run')].every((run) => run.dataset.state === ''),
    );
    expect(await printed()).toEqual(built);
  });
}

test('a click answers within the budget, cold and warm', async ({ page }) => {
  await page.goto(NOTE);
  const cold = await clickToResult(page, '#run-2');
  const warm: number[] = [];
  for (let i = 0; i < 20; i++) warm.push(await clickToResult(page, '#run-2'));
  warm.sort((a, b) => a - b);
  console.log(`click to result: cold ${cold.toFixed(1)} ms, warm ${warm[10]?.toFixed(1)} ms`);
  expect(cold).toBeGreaterThan(0);
  expect(warm[10]).toBeGreaterThan(0);
});

test('the keyboard alone reaches and runs an example', async ({ page }) => {
  await page.goto(NOTE);
  const run = page.locator('#run-1 [data-action=run]');
  for (let i = 0; i < 80 && !(await run.evaluate((b) => b === document.activeElement)); i++) {
    await page.keyboard.press('Tab');
  }
  await expect(run).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#run-1')).toHaveAttribute('data-state', '');
  await expect(page.locator('[data-dock-state]')).toHaveText('ready');
});

test('the front page runs its example', async ({ page }) => {
  await page.goto('');
  await page.locator('#pid-one [data-action=run]').click();
  await expect(page.locator('#pid-one')).toHaveAttribute('data-state', '');
  await expect(page.locator('#pid-one .out').first()).not.toBeEmpty();
});

test('reset shows again what the build had made', async ({ page }) => {
  await page.goto(NOTE);
  const built = await page.locator('#run-1 .commands').innerHTML();
  await page.locator('#run-1 [data-action=run]').click();
  await expect(page.locator('#run-1')).toHaveAttribute('data-state', '');
  await page.locator('[data-action=reset]').click();
  await expect.poll(() => page.locator('#run-1 .commands').innerHTML()).toBe(built);
});

test('the terminal opens, takes keys and is stopped by no policy', async ({ page }) => {
  const violations: string[] = [];
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) violations.push(message.text());
  });
  await page.goto(NOTE);
  await page.locator('.dock [data-view=terminal]').click();
  await expect(page.locator('.dock-screen .xterm-rows')).toContainText('#');
  await page.keyboard.type('echo under water\n');
  await expect(page.locator('.dock-screen .xterm-rows')).toContainText(
    /\n?.*under water.*under water/s,
  );
  expect(violations).toEqual([]);
});

test('the views show state, and a link of the story leads to what it tells of', async ({
  page,
}) => {
  await page.goto(NOTE);
  await page.locator('#run-2 [data-action=run]').click();
  await page.locator('.dock [data-view=processes]').click();
  await expect(page.locator('.view-processes .process').first()).toBeVisible();
  await page.locator('.dock [data-view=story]').click();
  await page.locator('.view-story .link').first().click();
  await expect(page.locator('.chain li').first()).toContainText('typed');
});

test('a command that is found leads to its block', async ({ page }) => {
  await page.goto('');
  await page.keyboard.press('/');
  await page.getByRole('searchbox').fill('readlink');
  await page.locator('.search-results a').first().click();
  await expect(page).toHaveURL(/namespaces\/#run-1$/);
});

test('an edited file is what the next example sees', async ({ page }) => {
  await page.goto('pods/');
  const pending = (await page.locator('[data-dock]').count()) === 0;
  test.skip(pending, 'the note with an editable file runs what is not simulated yet');
  const file = page.locator('.file').first();
  await file.locator('[data-action=edit]').click();
  await file.locator('textarea').fill('kind: Nonsense\n');
  await expect(file.locator('[data-action=restore]')).toBeVisible();
  await file.locator('[data-action=restore]').click();
  await expect(file.locator('textarea')).toHaveValue(/kind: Pod/);
});

/** Milliseconds from a click on Run until the example is done. */
async function clickToResult(page: import('@playwright/test').Page, id: string): Promise<number> {
  return page.evaluate(async (selector) => {
    const example = document.querySelector<HTMLElement>(selector);
    const button = example?.querySelector<HTMLElement>('[data-action=run]');
    if (!example || !button) return -1;
    const began = performance.now();
    const over = new Promise<void>((resolve) => {
      const observer = new MutationObserver(() => {
        const first = example.querySelector('[data-result]');
        if (first?.classList.contains('stale') === false && example.dataset.state !== 'waiting') {
          observer.disconnect();
          resolve();
        }
      });
      observer.observe(example, { attributes: true, subtree: true, childList: true });
    });
    button.click();
    await over;
    const took = performance.now() - began;
    while (example.dataset.state !== '') await new Promise((r) => setTimeout(r, 5));
    return took;
  }, id);
}
