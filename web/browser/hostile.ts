/** Text from telemetry is text: no markup, script, link or picture of it ever acts. */
import assert from 'node:assert/strict';
import { story, url } from './stage.ts';

const CONVERSATION = '/p/hostile/conversation?id=sess%3A';

await story(async ({ page }) => {
  await page.goto(`${url}/p/hostile/sessions`);
  await page.getByText('<img src=x onerror', { exact: false }).first().waitFor();
  for (const id of ['markup', 'control', 'long']) {
    await page.goto(`${url}${CONVERSATION}${id}`);
    await page.getByRole('region', { name: 'Turn 1' }).waitFor();
    for (const view of ['spans', 'details', 'fidelity']) {
      await page.goto(`${url}${CONVERSATION}${id}&view=${view}`);
      await page.getByRole('tab', { selected: true }).waitFor();
      await page.waitForTimeout(200);
    }
  }
  await page.goto(`${url}${CONVERSATION}markup`);
  await page.getByText('<img src=x onerror', { exact: false }).first().waitFor();
  await page.getByText('[click](javascript:', { exact: false }).first().waitFor();
  const acted = await page.evaluate(() => ({
    hacked: 'hacked' in globalThis,
    pictures: document.querySelectorAll('main img, main iframe, main script').length,
    links: [...document.querySelectorAll('a')].filter((a) => /^javascript:/i.test(a.href)).length,
    elsewhere: [...document.querySelectorAll('a')].filter((a) => a.host !== location.host).length,
  }));
  assert.deepEqual(acted, { hacked: false, pictures: 0, links: 0, elsewhere: 0 });

  await page.goto(`${url}${CONVERSATION}control`);
  const said = await page.getByRole('region', { name: 'Turn 1' }).innerText();
  assert.ok(!said.includes('\u202e'), 'a character that turns text around is shown as it is');

  await page.goto(`${url}${CONVERSATION}long`);
  const all = page.getByRole('button', { name: /^Show all/ }).first();
  await all.waitFor();
  const length = await page.evaluate(() => document.body.innerText.length);
  assert.ok(length < 100_000, `${length} characters were drawn at first`);
  await all.click();
  await page.getByRole('region', { name: 'Whole text' }).waitFor();
});
