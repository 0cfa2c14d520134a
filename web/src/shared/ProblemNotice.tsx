import { Button, Group } from '@mantine/core';
import { shownProblem } from '@/api/problem';
import { SafeText } from './SafeText';
import { ToneNote } from './Tone';

interface ProblemNoticeProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}

/** Any error as people read it: what is wrong, where, and what to do next. */
export function ProblemNotice({ error, onRetry }: ProblemNoticeProps) {
  const { detail, where, next_step: nextStep, ids: all } = shownProblem(error);
  const ids = all.filter((id) => !detail.includes(id));
  return (
    <ToneNote tone="bad" role="alert" title={<SafeText text={detail} as="inline" />}>
      {where && (
        <div className="dim">
          Where: <SafeText text={where} as="inline" />
        </div>
      )}
      {ids.length > 0 && (
        <div className="mono">
          <SafeText text={ids.join(', ')} as="inline" most={600} />
        </div>
      )}
      {nextStep && (
        <div>
          Next: <SafeText text={nextStep} as="inline" />
        </div>
      )}
      {onRetry && (
        <Group mt="xs">
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        </Group>
      )}
    </ToneNote>
  );
}
