import { notifications } from '@mantine/notifications';
import { shownProblem } from '@/api/problem';
import { oneLine, visible } from './safeText';

/** Says that something a button did went wrong, and what to do next. */
export function notifyProblem(error: unknown): void {
  const { detail, next_step: next } = shownProblem(error);
  notifications.show({
    color: 'red',
    title: oneLine(visible(detail), 200),
    message: next === null ? '' : oneLine(visible(next), 300),
    autoClose: 10_000,
  });
}
