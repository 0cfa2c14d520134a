import type { RunDetail } from '@/api/types';
import type { Tone } from '@/shared/Tone';

type Status = RunDetail['status'];

const TONES: Readonly<Record<Status, Tone>> = {
  pending: 'muted',
  running: 'info',
  completed: 'good',
  failed: 'bad',
  cancelled: 'warn',
};

export const runTone = (status: Status): Tone => TONES[status];
export const goesOn = (status: Status): boolean => status === 'pending' || status === 'running';

/** The share of a run's talks that have ended, in percent. */
export function donePercent(progress: {
  calls: number;
  completed: number;
  failed: number;
}): number {
  if (progress.calls === 0) return 0;
  return Math.round((100 * (progress.completed + progress.failed)) / progress.calls);
}
