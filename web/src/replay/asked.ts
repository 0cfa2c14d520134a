/** What is asked of the API for a selection, and for a run. */
import type { ReplaySessionAsked, RunOptionsAsked, TargetAsked } from '@/api/types';
import { filterOf, toFilter } from '@/shared/filter';
import type { ReplaySearch } from './routes';

/** The replay session that a selection in the address stands for. */
export function askedOf(project: string, search: ReplaySearch, now: Date): ReplaySessionAsked {
  if (!search.all) {
    return { project_id: project, replay_type: search.type, ids: search.pick ?? [] };
  }
  return {
    project_id: project,
    replay_type: search.type,
    select_all: true,
    exclude_ids: search.not ?? [],
    filter: toFilter(filterOf(search), now),
  };
}

export const isNothing = ({ all, pick, replay }: ReplaySearch): boolean =>
  !all && pick === undefined && replay === undefined;

/** How a run shall go, as people set it. */
export interface Choices {
  /** The name of an agent of the server; empty for an HTTP endpoint. */
  readonly targetName: string;
  readonly url: string;
  readonly template: 'json' | 'openai' | 'responses';
  readonly tools: 'returned' | 'served' | 'own';
  readonly headers: string;
  readonly policy: NonNullable<RunOptionsAsked['user_policy']>;
  readonly mode: NonNullable<RunOptionsAsked['mode']>;
  readonly onMiss: NonNullable<RunOptionsAsked['on_miss']>;
  readonly repeats: number;
  readonly concurrency: number;
  readonly allowLiveTools: boolean;
  readonly maxTurns: number | '';
}

export const USUAL: Choices = {
  targetName: '',
  url: '',
  template: 'json',
  tools: 'returned',
  headers: '',
  policy: 'verbatim',
  mode: 'conversation',
  onMiss: 'refuse',
  repeats: 1,
  concurrency: 8,
  allowLiveTools: false,
  maxTurns: '',
};

export function optionsOf(choices: Choices): RunOptionsAsked {
  return {
    user_policy: choices.policy,
    mode: choices.mode,
    on_miss: choices.onMiss,
    repeats: choices.repeats,
    concurrency: choices.concurrency,
    allow_live_tools: choices.allowLiveTools,
    ...(choices.maxTurns === '' ? {} : { budget: { max_turns: choices.maxTurns } }),
  };
}

/** Who is run: an agent of the server by name, or an HTTP endpoint. */
export function targetOf(choices: Choices): { target_name: string } | { target: TargetAsked } {
  if (choices.targetName !== '') return { target_name: choices.targetName };
  return {
    target: {
      kind: 'http',
      url: choices.url.trim(),
      template: choices.template,
      tools: choices.tools,
      headers: headersOf(choices.headers),
    },
  };
}

/** Headers, a line each: `Authorization: Bearer ${TOKEN}`. */
export function headersOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [name, ...rest] = line.split(':');
    if (name?.trim() && rest.length > 0) found[name.trim()] = rest.join(':').trim();
  }
  return found;
}

export const isReady = ({ targetName, url }: Choices): boolean =>
  targetName !== '' || /^https?:\/\/\S+$/.test(url.trim());
