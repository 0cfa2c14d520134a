/** The way to a comparison without a mouse. */
import assert from 'node:assert/strict';
import { story, url } from './stage.ts';

await story(async ({ page }) => {
  await page.goto(`${url}/p/northlight/sessions`);
  await page.getByRole('link', { name: /pannier bag/ }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('money back');
  await page.keyboard.press('Enter');
  await page.waitForURL('**q=money**');
  await page.getByRole('searchbox').first().press('Escape');
  await page.getByRole('link', { name: /tubeless/ }).waitFor({ state: 'detached' }); // filtered
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const row = page.locator('[data-row-link]:focus');
  for (let tries = 0; (await row.count()) === 0; tries += 1) {
    assert.ok(tries < 40, 'j leads to no row');
    await page.keyboard.press('j'); // the list hears keys once it is painted
    await page.waitForTimeout(100);
  }
  await page.keyboard.press('x');
  await page.getByText('1 selected').waitFor();
  await page.keyboard.press('r');
  await page.waitForURL('**/replay?**');
  const make = page.getByRole('button', { name: 'Make the scenario' });
  await make.focus();
  await page.keyboard.press('Enter');
  const start = page.getByRole('button', { name: 'Start the replay' });
  await start.waitFor();
  await start.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/runs/**');
  await page.getByText('completed').first().waitFor();
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/calls/**');
  await page.getByRole('region', { name: /^Turn 4/ }).waitFor();
  for (let tries = 0; !page.url().includes('turn=4'); tries += 1) {
    assert.ok(tries < 40, `n does not lead to the difference: ${page.url()}`);
    await page.keyboard.press('n'); // the page hears keys once it is painted
    await page.waitForTimeout(250);
  }
  await page.keyboard.press('?');
  await page.getByText('Next difference').waitFor();
});
