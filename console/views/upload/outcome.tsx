import type { Answer } from '../../api/operations.ts';
import { useConsole } from '../../app/context.ts';
import { address } from '../../app/router.ts';
import { Counts } from '../../parts/counts.tsx';
import { count, zoned } from '../../parts/format.ts';
import { listed } from '../../parts/sensor-ids.ts';
import { lastDayOf } from '../../parts/time.ts';
import { Refusal } from './refusal.tsx';

type Upload = Answer<'getUpload'>;

/** Series that are named; the list of sensors has the others. */
const mostSensors = 12;

/** What became of a file that has landed: its lines as they are counted, and its months once they are there. */
export function Outcome({ upload, landed }: { upload: Upload; landed: NonNullable<Upload['landed']> }) {
  const { text } = useConsole();
  const words = text.upload;
  const { lines, rejectedByReason, droppedValues = 0, refusal, error, cause, jobId, holds } = upload;
  return (
    <section class="card" aria-labelledby="outcome">
      <h2 id="outcome">{words.outcome.title}</h2>
      {lines && (
        <dl class="figures">
          {(
            [
              [words.lines, lines.total, ''],
              [words.accepted, lines.valid, ''],
              [words.rejected, lines.rejected, lines.rejected > 0 ? 'bad' : ''],
              [words.dropped, droppedValues, droppedValues > 0 ? 'warn' : ''],
            ] as const
          ).map(([name, value, look]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd class={look}>{count(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {rejectedByReason && <Counts counts={rejectedByReason} />}
      {refusal && <Refusal refusal={refusal} title={words.refusedAll} />}
      {refusal && <p>{words.outcome.refusedHelp}</p>}
      {error !== undefined && (
        <div class="problem" role="alert">
          <p>
            <strong>{error}</strong>
          </p>
          <p lang="en">{cause}</p>
        </div>
      )}
      <dl class="facts">
        <dt>{words.outcome.landedAs}</dt>
        <dd>
          <code>{landed.key}</code>
        </dd>
        <dt>{words.outcome.landedAt}</dt>
        <dd>{zoned(landed.uploadedAt, 'UTC')}</dd>
        {jobId !== undefined && (
          <>
            <dt>{words.outcome.execution}</dt>
            <dd>
              <a href={`/executions/${encodeURIComponent(jobId)}`}>{jobId}</a>
            </dd>
          </>
        )}
      </dl>
      {holds && upload.state === 'completed' && <Series dataset={landed.dataset} holds={holds} />}
    </section>
  );
}

function Series({ dataset, holds }: { dataset: string; holds: NonNullable<Upload['holds']> }) {
  const { text } = useConsole();
  const words = text.upload.outcome;
  const { firstMonth, lastMonth, sensors = [], sensorsInAll = sensors.length } = holds;
  const to = (sensor?: string) =>
    address('/series', {
      dataset,
      sensor: sensor && listed([sensor]),
      period: 'day',
      from: `${firstMonth}-01`,
      to: lastDayOf(lastMonth),
    });
  const shown = sensors.slice(0, mostSensors);
  return (
    <>
      <p>
        {words.months(firstMonth, lastMonth)}. <a href={to()}>{words.see}</a>
      </p>
      {shown.length > 0 && (
        <p class="links">
          {words.ofSensor}{' '}
          {shown.map((sensor) => (
            <a key={sensor} href={to(sensor)}>
              {sensor}
            </a>
          ))}
          {sensorsInAll > shown.length && words.others(count(sensorsInAll - shown.length))}
        </p>
      )}
    </>
  );
}
