import type { ProofView } from '@/api/types';
import { CopyText } from '@/shared/CopyText';
import { SafeText } from '@/shared/SafeText';
import { ToneNote } from '@/shared/Tone';
import classes from './keep.module.css';

/** Whether the test tells the bug from the fix, and the file that says so. */
export function ProofShown({ proof }: { proof: ProofView }) {
  return (
    <section className={classes['proof']} aria-label="Proof" aria-live="polite">
      <ToneNote
        tone={proof.holds ? 'good' : 'bad'}
        title={
          proof.holds ? 'It tells the bug from the fix' : 'It does not tell the bug from the fix'
        }
      >
        <SafeText text={proof.sentence} />
        {proof.problems.map((problem) => (
          <SafeText key={problem} text={problem} />
        ))}
      </ToneNote>
      <h2 className={classes['title']}>
        <code>{proof.file_name}</code>
      </h2>
      <CopyText text={proof.file} label="Copy the file" />
    </section>
  );
}
