import { chromium } from 'playwright-core';
import { gzipSync } from 'node:zlib';
import { spawn } from 'node:child_process';
const srv = spawn('node', ['scripts/serve.mjs', '4199'], { stdio: 'ignore' });
await new Promise((r) => setTimeout(r, 1500));
const b = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
for (const note of process.argv.slice(2)) {
  const ctx = await b.newContext();
  const p = await ctx.newPage();
  let size = 0,
    n = 0;
  const names = [];
  ctx.on('response', async (r) => {
    if (!/assets\/.*\.js/.test(r.url())) return;
    try {
      const x = gzipSync(await r.body()).length;
      size += x;
      n++;
      names.push(x + ' ' + r.url().split('/').pop());
    } catch {}
  });
  await p.goto('http://127.0.0.1:4199/' + note);
  await p.waitForTimeout(1500);
  const s0 = size,
    n0 = n;
  const names0 = names.length;
  await p.evaluate(() => {
    window.__t = performance.now();
  });
  await p.locator('.run [data-action=run]').first().click();
  await p
    .waitForFunction(
      () => [...document.querySelectorAll('.run')].some((r) => r.dataset.state === ''),
      null,
      { timeout: 60000 },
    )
    .catch((e) => console.log(String(e).slice(0, 200)));
  const t = await p.evaluate(() => performance.now() - window.__t);
  await p.waitForTimeout(1500);
  console.log(
    note,
    'before',
    s0,
    n0,
    'after click +',
    size - s0,
    n - n0,
    'files',
    t.toFixed(0) + 'ms',
  );
  console.log(
    names
      .slice(names0)
      .sort((a, b) => parseInt(b) - parseInt(a))
      .slice(0, 14)
      .join('\n'),
  );
  await ctx.close();
}
await b.close();
srv.kill();
