import { useEffect, useState } from 'preact/hooks';
import { useAsked, useConsole } from '../../app/context.ts';
import { Exports } from '../../parts/exports.tsx';
import { sizeOf } from '../../parts/format.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { Inspection } from './inspection.tsx';
import { Landing } from './landing.tsx';
import { Outcome } from './outcome.tsx';

/** Between two looks at an upload that is on its way to its months. */
const lookMs = 1_000;

const look = {
  ...{ expected: 'warn', uploaded: '', waiting: 'going', running: 'going' },
  ...{ completed: 'good', refused: 'bad', failed: 'bad' },
} as const;

/** One upload: until it lands what it would come to, afterwards what it does. */
export function Uploaded({ uploadId }: { uploadId: string }) {
  const { text, api } = useConsole();
  const words = text.upload;
  const [looks, setLooks] = useState(0);
  const asked = useAsked(`${uploadId} ${looks}`, (signal) => api.call('getUpload', { uploadId }, { signal }));
  const upload = asked.value;
  const isOnItsWay = upload?.state === 'waiting' || upload?.state === 'running';
  useEffect(() => {
    if (!isOnItsWay || asked.busy) return;
    const timer = setTimeout(() => setLooks((before) => before + 1), lookMs);
    return () => clearTimeout(timer);
  }, [isOnItsWay, asked.busy, looks]);
  return (
    <>
      <Waiting of={[asked]} quiet />
      {upload && (
        <>
          <section class="card" aria-labelledby="upload">
            <h2 id="upload">{upload.name}</h2>
            <p role="status" class="state">
              <span class={`mark ${look[upload.state]}`}>{words.states[upload.state]}</span>
              <span class="unit">{sizeOf(upload.bytes)}</span>
            </p>
            {upload.state === 'expected' && <p>{words.expected}</p>}
            <Exports
              name={`upload-${uploadId}`}
              requests={[{ operation: 'getUpload', parameters: { uploadId } }]}
              csv={() => [
                ['name', 'bytes', 'state', 'lines', 'accepted', 'rejected', 'droppedValues'],
                [
                  ...[upload.name, upload.bytes, upload.state, upload.lines?.total, upload.lines?.valid],
                  ...[upload.lines?.rejected, upload.droppedValues],
                ],
              ]}
            />
          </section>
          {upload.landed && <Outcome upload={upload} landed={upload.landed} />}
          {upload.state === 'uploaded' && (
            <>
              <Landing upload={upload} again={asked.again} />
              <Inspection upload={upload} />
            </>
          )}
        </>
      )}
    </>
  );
}
