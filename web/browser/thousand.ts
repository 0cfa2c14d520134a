/** A run of a thousand rows: shown at once, scrolled to its end, filtered. */
import assert from 'node:assert/strict';
import { aRun, ended, story, url } from './stage.ts';

await story(async ({ page }) => {
  const context = page.context();
  const run = await aRun(
    context,
    'many',
    'quick.py:answer',
    { select_all: true },
    {
      concurrency: 32,
      allow_live_tools: true,
    },
  );
  assert.equal(await ended(context, run), 'completed');
  await page.goto(`${url}/p/many/runs/${run}`);
  const table = page.getByRole('table', { name: 'Talks of this run' });
  await table.getByRole('link').first().waitFor();
  assert.equal(await table.getAttribute('aria-rowcount'), '1001');
  assert.ok((await table.getByRole('row').count()) < 80, 'all rows were drawn');
  for (let tries = 0; tries < 60; tries += 1) {
    await page.getByRole('region', { name: 'Talks of this run' }).evaluate((box) => {
      box.scrollTop = box.scrollHeight;
    });
    await page.waitForTimeout(100);
    if ((await table.getByText('Talk number 999', { exact: false }).count()) > 0) break;
  }
  await page.getByLabel('Worst turn').selectOption('same');
  await page.waitForURL('**worst=same**');
});
