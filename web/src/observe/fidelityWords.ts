/** The axes of fidelity in words, and what to do in the instrumentation where one is low. */
import type { Axis } from '@/api/types';
import type { Tone } from '@/shared/Tone';

export const AXIS_NAMES: Readonly<Record<Axis['name'], string>> = {
  user_turns: 'What the user said',
  assistant_text: 'What the agent answered',
  tool_calls: 'Tool calls',
  tool_results: 'Tool results',
  tool_effects: 'Read or write',
  system_prompt: 'System prompt',
  model: 'Model',
  usage: 'Tokens',
  timing: 'Timing',
  session: 'Session',
  prior_memory: 'Earlier memory',
  audio: 'Audio',
};

export const STATUS_WORDS: Readonly<Record<Axis['status'], { word: string; tone: Tone }>> = {
  present: { word: 'complete', tone: 'good' },
  partial: { word: 'partial', tone: 'warn' },
  missing: { word: 'missing', tone: 'bad' },
  not_applicable: { word: 'does not apply', tone: 'muted' },
};

const CAPTURE_CONTENT =
  'Let the instrumentation record message content: for most OpenTelemetry libraries OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true, and no masking of inputs and outputs.';

/** Only what the axis' own words do not say already. */
const FIXES: Readonly<Partial<Record<Axis['name'], string>>> = {
  user_turns: CAPTURE_CONTENT,
  assistant_text: CAPTURE_CONTENT,
  tool_calls:
    'Record the arguments of each tool on its span (gen_ai.tool.call.arguments, or input.value).',
  tool_results:
    'Record what each tool returned on its span, in full: raise OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT where it cuts.',
  system_prompt: 'Record the system prompt as the first message of each model call.',
  model: 'Record the model on each model call (gen_ai.request.model).',
  timing: 'Send spans with the times at which things happened.',
};

/** What to change so that the axis is complete next time; null where it is, or nothing helps. */
export function fixOf({ name, status }: Axis): string | null {
  return status === 'partial' || status === 'missing' ? (FIXES[name] ?? null) : null;
}

/** How good a score is: at 90 little is lost, below 60 a replay says little. */
export function toneOfScore(score: number | null): Tone {
  if (score === null) return 'muted';
  if (score >= 90) return 'good';
  return score >= 60 ? 'warn' : 'bad';
}
