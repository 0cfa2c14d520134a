import { Button, Checkbox, Textarea, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '@/api/client';
import type { KeepAsked, KeepProposal } from '@/api/types';
import { ProblemNotice } from '@/shared/ProblemNotice';
import { SafeText } from '@/shared/SafeText';
import { ToneNote } from '@/shared/Tone';
import { type Draft, draftsOf, expectationsOf, faultOf, freshDraft } from './drafts';
import { ExpectationFields } from './ExpectationFields';
import classes from './keep.module.css';
import { Kept } from './Kept';
import { ProofShown } from './ProofShown';

interface KeepFormProps {
  readonly run: string;
  readonly row: string;
  readonly proposal: KeepProposal;
}

/** Expectations ticked, edited and added; the proof; and keeping. */
export function KeepForm({ run, row, proposal }: KeepFormProps) {
  const [name, setName] = useState(proposal.name);
  const [description, setDescription] = useState('');
  const [drafts, setDrafts] = useState(() => draftsOf(proposal.expectations));
  const [isAccepted, setAccepted] = useState(false);
  const asked = (): KeepAsked => ({
    run_id: run,
    row_id: row,
    name,
    description,
    expectations: expectationsOf(drafts),
    allow_personal_data: isAccepted,
  });
  const proof = useMutation({ mutationFn: () => post('/keeps/proof', { body: asked() }) });
  const keep = useMutation({
    mutationFn: (more: Partial<KeepAsked>) => post('/keeps', { body: { ...asked(), ...more } }),
  });
  const edit = (changed: readonly Draft[]) => {
    setDrafts(changed);
    proof.reset();
    keep.reset();
  };
  const isFaulty = drafts.some((draft) => draft.isKept && faultOf(draft) !== null);
  const mustAccept = proposal.findings.length > 0 && !isAccepted;
  return (
    <div className={classes['form']}>
      <section className="panel" aria-label="Expectations">
        <h2 className={classes['title']}>What must hold</h2>
        {drafts.length === 0 && (
          <ToneNote tone="info" title="Nothing is proposed">
            The replay did nothing else than the recording. Say yourself what must hold.
          </ToneNote>
        )}
        {drafts.map((draft) => (
          <ExpectationFields
            key={draft.key}
            draft={draft}
            onChange={(changed) =>
              edit(drafts.map((one) => (one.key === draft.key ? changed : one)))
            }
          />
        ))}
        <Button
          variant="subtle"
          leftSection={<IconPlus size={15} />}
          onClick={() => edit([...drafts, freshDraft(drafts)])}
        >
          Add an expectation
        </Button>
      </section>
      <section className="panel" aria-label="The test">
        <h2 className={classes['title']}>The test</h2>
        <TextInput
          label="Name"
          description="Also the name of its file"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label="What it is about"
          autosize
          minRows={2}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        {proposal.findings.length > 0 && (
          <ToneNote tone="warn" title="The recording holds personal data or secrets">
            {proposal.findings.slice(0, 8).map((finding) => (
              <div key={finding}>
                <SafeText text={finding} as="inline" />
              </div>
            ))}
            <Checkbox
              mt="xs"
              label="I have read them; they may be in the file"
              checked={isAccepted}
              onChange={(event) => setAccepted(event.currentTarget.checked)}
            />
          </ToneNote>
        )}
        <div className={classes['acts']}>
          <Button
            variant="default"
            disabled={isFaulty}
            loading={proof.isPending}
            onClick={() => proof.mutate()}
          >
            Prove it
          </Button>
          <Button
            disabled={isFaulty || mustAccept}
            loading={keep.isPending}
            onClick={() => keep.mutate({})}
          >
            Keep it
          </Button>
        </div>
      </section>
      {proof.isError && <ProblemNotice error={proof.error} />}
      {keep.isError && (
        <>
          <ProblemNotice error={keep.error} />
          <Button variant="default" onClick={() => keep.mutate({ update: true })}>
            Change the file that is there
          </Button>
        </>
      )}
      {keep.data ? (
        <Kept kept={keep.data} folder={proposal.folder} />
      ) : (
        proof.data && <ProofShown proof={proof.data} />
      )}
    </div>
  );
}
