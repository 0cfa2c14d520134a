/** How long until the first page can be used: its rows are drawn, and it hears the keyboard. */
import { chromium } from 'playwright-core';

const url = process.env['REENACT_URL'] ?? '';
const project = process.env['REENACT_PROJECT'] ?? 'northlight';
const browser = await chromium.launch({
  executablePath: process.env['REENACT_CHROMIUM'] ?? 'chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const times: number[] = [];
let script = 0;
for (let round = 0; round < 5; round += 1) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  script = 0;
  const sizes: Promise<void>[] = [];
  page.on('response', (answer) => {
    if (!answer.url().endsWith('.js')) return;
    sizes.push(
      answer
        .request()
        .sizes()
        .then(({ responseBodySize }) => {
          script += responseBodySize;
        }),
    );
  });
  const began = performance.now();
  await page.goto(`${url}/p/${project}/sessions`);
  await page.locator('[data-row-link]').first().waitFor();
  await page.keyboard.press('j');
  await page.locator('[data-row-link]:focus').waitFor();
  times.push((performance.now() - began) / 1000);
  await Promise.all(sizes);
  await context.close();
}
await browser.close();
times.sort((a, b) => a - b);
const median = times[Math.floor(times.length / 2)] ?? 0;
console.log(
  JSON.stringify({
    interactive_s: Number(median.toFixed(2)),
    script_kb: Number((script / 1024).toFixed(1)),
  }),
);
