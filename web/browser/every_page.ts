/** Every page, at both widths and in both themes: axe, no sideways scrolling, deep links reload. */
import { aRun, api, ended, examine, picture, story, url } from './stage.ts';

await story(async ({ page, open }) => {
  const context = page.context();
  const run = await aRun(context, 'northlight', 'fixed.yaml', { select_all: true });
  await ended(context, run);
  const { items } = await api<{ items: { id: string; worst: string }[] }>(
    context,
    `/runs/${run}/calls`,
  );
  const call = encodeURIComponent(items.find(({ worst }) => worst === 'tools_changed')?.id ?? '');
  const first = async (path: string) =>
    (await api<{ items: { id: string }[] }>(context, `${path}?project_id=northlight`)).items[0]?.id;
  const scenario = await first('/scenarios');
  const agent = await first('/agents');
  const session = 'id=sess%3Achat-1184';
  const pages: Record<string, string> = {
    sessions: 'sessions',
    traces: 'traces',
    users: 'users',
    'conversation-spans': `conversation?${session}&view=spans`,
    'conversation-fidelity': `conversation?${session}&view=fidelity`,
    conversation: `conversation?${session}`,
    replay: 'replay?pick=sess%3Achat-1184',
    runs: 'runs',
    run: `runs/${run}`,
    'run-numbers': `runs/${run}?view=numbers`,
    compare: `calls/${call}`,
    'compare-numbers': `calls/${call}?view=numbers`,
    'compare-spans': `calls/${call}?view=spans`,
    'compare-checks': `calls/${call}?view=checks`,
    keep: `calls/${call}/keep`,
    forks: 'forks',
    scenarios: 'scenarios',
    scenario: `scenarios/${scenario ?? ''}`,
    graph: `scenarios/${scenario ?? ''}?view=graph&call=${call}`,
    'graph-table': `scenarios/${scenario ?? ''}?view=edges`,
    agents: 'agents',
    agent: `agents/${agent ?? ''}`,
    settings: 'settings',
  };
  for (const look of [{}, { dark: true, phone: true }]) {
    const shown = await open(look);
    for (const [name, path] of Object.entries(pages)) {
      await shown.goto(`${url}/p/northlight/${path}`);
      await shown.getByRole('heading', { level: 1 }).waitFor();
      await shown.waitForLoadState('networkidle');
      await examine(shown, `${name} ${JSON.stringify(look)}`);
      await picture(shown, `pages/${name}${'phone' in look ? '-phone-dark' : ''}`);
    }
    await shown.context().close();
  }
});
