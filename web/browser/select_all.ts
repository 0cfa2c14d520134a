/** All that match are replayed but one; a run is cancelled and goes on; an agent dies. */
import assert from 'node:assert/strict';
import { aRun, api, ended, story, url } from './stage.ts';

await story(async ({ page }) => {
  const context = page.context();
  await page.goto(`${url}/p/northlight/sessions?all=true&not=sess%3Achat-1180`);
  await page.getByText(/^All that match: 3/).waitFor();
  await page.getByRole('button', { name: /^Replay 3/ }).click();
  await page.getByText('3 conversations', { exact: false }).waitFor();

  const slow = await aRun(
    context,
    'northlight',
    'slow.py:answer',
    { select_all: true },
    {
      concurrency: 1,
      allow_live_tools: true,
    },
  );
  await page.goto(`${url}/p/northlight/runs/${slow}`);
  await page.getByText('running').first().waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('cancelled', { exact: true }).first().waitFor();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Cancel' }).waitFor();
  assert.equal(await ended(context, slow), 'completed');
  await page.getByText('completed', { exact: true }).first().waitFor();

  const dead = await aRun(
    context,
    'northlight',
    'dies.py:answer',
    { ids: ['chat-1184'] },
    {
      allow_live_tools: true,
    },
  );
  await page.goto(`${url}/p/northlight/runs/${dead}`);
  await page.getByText(/exit code 7/).waitFor();
  assert.equal(await ended(context, dead), 'failed');
  const { progress } = await api<{ progress: { failed: number } }>(context, `/runs/${dead}`);
  assert.equal(progress.failed, 0);
});
