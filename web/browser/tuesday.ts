/** The whole story: from the session that went wrong to a kept test, with the mouse. */
import assert from 'node:assert/strict';
import { picture, story, url } from './stage.ts';

await story(async ({ page }) => {
  await page.goto(`${url}/`);
  await page.waitForURL('**/p/northlight/sessions');
  await page.getByRole('searchbox').first().fill('money back');
  await page.getByRole('searchbox').first().press('Enter');
  await page.waitForURL('**q=money**');
  await page.getByRole('link', { name: /pannier bag/ }).waitFor();
  await picture(page, 'sessions');

  await page.getByRole('link', { name: /pannier bag/ }).click();
  await page.getByText('issue_refund').first().waitFor();
  await picture(page, 'conversation');
  await page.getByRole('link', { name: 'Replay', exact: true }).click();

  await page.getByRole('button', { name: 'Make the scenario' }).click();
  await page.getByLabel('Agent to run').selectOption('fixed.yaml');
  await page.getByRole('button', { name: 'Try it dry' }).click();
  await page
    .getByText(
      '3 of 3 tool calls can be answered from the recording; 1 is a write and can never run',
    )
    .waitFor();
  await picture(page, 'replay');
  await page.getByRole('button', { name: 'Start the replay' }).click();

  await page.waitForURL('**/runs/**');
  await page
    .getByText('1 of 1', { exact: true })
    .or(page.getByText('1 of 1 talks'))
    .first()
    .waitFor();
  await page.getByText('Other tools').first().waitFor();
  await picture(page, 'run');
  await page.getByRole('link', { name: /pannier bag/ }).click();

  await page
    .getByText(/Turn 4: issue_refund/)
    .first()
    .waitFor();
  const turn = page.getByRole('region', { name: /^Turn 4/ });
  await turn.getByText('check_status').first().waitFor();
  await page.waitForTimeout(300);
  await picture(page, 'compare');
  await page.reload();
  await turn.getByText('check_status').first().waitFor();

  await page.getByRole('link', { name: 'Keep', exact: true }).click();
  await page.getByRole('button', { name: 'Prove it' }).click();
  await page.getByText('It tells the bug from the fix').waitFor();
  await page.getByLabel('Name').fill('tuesday-refund');
  await picture(page, 'keep');
  await page.getByRole('button', { name: 'Keep it' }).click();
  await page.getByText('The test is kept').waitFor();
  const path = await page
    .locator('code', { hasText: 'tuesday-refund.reenact.yaml' })
    .first()
    .textContent();
  assert.ok(path?.endsWith('tuesday-refund.reenact.yaml'));
});
