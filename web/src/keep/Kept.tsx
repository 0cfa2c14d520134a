import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { KeptView } from '@/api/types';
import { CopyText } from '@/shared/CopyText';
import { visible } from '@/shared/safeText';
import { ToneNote } from '@/shared/Tone';
import classes from './keep.module.css';
import { ProofShown } from './ProofShown';

interface KeptProps {
  readonly kept: KeptView;
  readonly folder: string | null;
}

/** Where the test lies now, or the files to put beside the code. */
export function Kept({ kept, folder }: KeptProps) {
  const { proof, recording } = kept;
  return (
    <>
      {kept.path === null ? (
        <ToneNote tone="info" title="Put these two files beside your tests">
          This server writes no files: start it with <code>reenact serve --cases FOLDER</code> to
          have it do so.
          <div className={classes['acts']}>
            <Download name={proof.file_name} text={proof.file} />
            {recording !== null && <Download name={kept.recording_name} text={recording} />}
          </div>
        </ToneNote>
      ) : (
        <ToneNote tone="good" title={kept.updated ? 'The test is changed' : 'The test is kept'}>
          <code>{visible(kept.path)}</code>
        </ToneNote>
      )}
      <CopyText text={`reenact test ${folder ?? 'tests/replays'}`} label="Copy the command" />
      <ProofShown proof={proof} />
    </>
  );
}

function Download({ name, text }: { name: string; text: string }) {
  const save = () => {
    const address = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = name;
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <Button variant="default" leftSection={<IconDownload size={15} />} onClick={save}>
      {visible(name)}
    </Button>
  );
}
