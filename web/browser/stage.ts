/** What every browser test stands on: a browser, the server's address, pictures, axe. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WAIT_MS = 20_000;

export const url = needed('REENACT_URL');
const pictures = process.env['REENACT_PICTURES'];

export interface Look {
  readonly phone?: boolean;
  readonly dark?: boolean;
}

/** Runs a test in a fresh browser; whatever the pages complain of fails it. */
export async function story(
  tell: (stage: { page: Page; open: (look?: Look) => Promise<Page> }) => Promise<void>,
): Promise<void> {
  const browser = await chromium.launch({
    executablePath: needed('REENACT_CHROMIUM'),
    args: ARGUMENTS,
  });
  const complaints: string[] = [];
  try {
    const open = async (look: Look = {}) => {
      const context = await contextOf(browser, look);
      return watched(await context.newPage(), complaints);
    };
    await tell({ page: await open(), open });
  } finally {
    await browser.close();
  }
  assert.deepEqual(complaints, [], 'the pages complained');
}

function contextOf(browser: Browser, { phone = false, dark = false }: Look) {
  return browser.newContext({
    viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
}

/** Notes errors of the page, what the console says of policies, and requests to elsewhere. */
function watched(page: Page, complaints: string[]): Page {
  page.setDefaultTimeout(WAIT_MS);
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (said) => {
    if (said.type() === 'error' && /policy|refused/i.test(said.text()))
      complaints.push(said.text());
  });
  page.on('request', (request) => {
    const address = request.url();
    if (!address.startsWith(url) && !/^(data|blob):/.test(address)) {
      complaints.push(`a request to ${address}`);
    }
  });
  return page;
}

/** Fails where axe finds something serious, or the page scrolls sideways. */
export async function examine(page: Page, what: string): Promise<void> {
  // Given by the debugger and not as a script element, so that the policy stays as it is.
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResult> } };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200) ?? ''}`);
  });
  assert.deepEqual(found, [], `axe on ${what}`);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(beyond <= 0, `${what} is ${beyond} px wider than its window`);
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** Takes a picture, where a folder for them was named. */
export async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' });
}

/** Calls the API as a page of the server would. */
export async function api<T>(context: BrowserContext, path: string, body?: object): Promise<T> {
  const address = `${url}/api/v1${path}`;
  const answer =
    body === undefined
      ? await context.request.get(address)
      : await context.request.post(address, { data: body });
  assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Makes a run of a selection with an agent of the server; its id. */
export async function aRun(
  context: BrowserContext,
  project: string,
  target: string,
  selection: object,
  options: object = {},
): Promise<string> {
  const { session } = await api<{ session: { id: string } }>(context, '/replay-sessions', {
    project_id: project,
    ...selection,
  });
  await api(context, `/replay-sessions/${session.id}/generate-scenario`, {});
  const test = await api<{ id: string }>(context, '/run-tests', {
    replay_session_id: session.id,
    target_name: target,
    options,
  });
  const run = await api<{ id: string }>(context, `/run-tests/${test.id}/execute`, {});
  return run.id;
}

/** Waits until a run has ended; its status. */
export async function ended(context: BrowserContext, id: string): Promise<string> {
  for (let tries = 0; tries < 600; tries += 1) {
    const { status } = await api<{ status: string }>(context, `/runs/${id}`);
    if (status !== 'pending' && status !== 'running') return status;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`run ${id} did not end`);
}

function needed(name: string): string {
  const found = process.env[name];
  if (found === undefined || found === '') throw new Error(`${name} is not set`);
  return found;
}
