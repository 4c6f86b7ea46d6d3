import { createHash } from 'node:crypto';
import type { Dataset } from '../../../core/dataset/dataset.ts';
import { shellWord } from '../../../core/shell-word.ts';
import { mean, type PeriodStatistics } from '../../../core/statistics/statistics.ts';
import { parseDay } from '../../../core/time/calendar.ts';
import { dayMs } from '../../../core/time/duration.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { UploadOpener, VersionLister } from '../../../ports/objects.ts';
import type { LedgerReader, StatisticsQueries } from '../../../ports/queries.ts';
import { type AcceptPorts, acceptFile } from '../../operations/accept-file.ts';
import { type Deadline, deadlineIn, readingMs, TakesTooLong } from '../../operations/deadline.ts';
import { listRawObjects, versionsOf } from '../../operations/raw-objects.ts';
import type { DatasetChanges } from '../../operations/withdraw/changes.ts';
import { effectsOf, type MonthEffect } from '../../operations/withdraw/effects.ts';
import { type FilePorts, NothingOfFile, TooManyReadings } from '../../operations/withdraw/file-readings.ts';
import type { PartitionPorts } from '../../operations/withdraw/older-readings.ts';
import {
  type ChangesFile,
  changesOf,
  filesOf,
  leftOf,
  uploadFiles,
  type Withdrawal,
} from '../../operations/withdraw/withdraw.ts';
import { corrections, maxWithdrawnDays } from '../contract/corrections.ts';
import { datasetNamed } from '../contract/fields.ts';
import type { AnswerOf } from '../contract/routes.ts';
import { invalid, readJsonBody } from '../http/json-body.ts';
import type { HttpRequest } from '../http/messages.ts';
import type { Problem } from '../http/problem.ts';
import type { Outcome } from '../http/router.ts';

export interface CorrectPorts extends AcceptPorts, PartitionPorts {
  readonly ledgers: LedgerReader;
  readonly lister: VersionLister;
  readonly statistics: Pick<StatisticsQueries, 'ofSeries'>;
  readonly uploads: UploadOpener;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Readings that one withdrawal may be about, by the memory that there is. */
  readonly mostReadings: number;
}

const shownMonths = 200;
const shownRejected = 20;

/** `POST /refused-files/accept`: takes a refused file as it is. */
export async function acceptRefusedFile(
  ports: CorrectPorts,
  request: HttpRequest,
): Promise<Outcome<AnswerOf<'acceptRefusedFile'>>> {
  const body = readJsonBody(request, corrections.acceptRefusedFile.body);
  if ('problem' in body) return body;
  const { key } = body.value;
  const { segments, clock } = ports;
  try {
    const found = await acceptFile(
      { ...ports, segments: deadlineIn(clock, readingMs).segments(segments) },
      key,
    );
    if (found.kind !== 'accepted')
      return { problem: problems[found.kind], detail: found.why, parameter: 'key' };
    const { versionId, isNew, lines, valid } = found;
    return {
      ...(isNew ? {} : { status: 200 }),
      value: { key, versionId, lines, valid, rejected: lines - valid },
    };
  } catch (fault) {
    if (!(fault instanceof TakesTooLong)) throw fault;
    return {
      problem: 'file-too-large',
      detail: `${key} takes longer than ${readingMs / 1_000} s to read; npm run caudal -- accept ${shellWord(key)} does it`,
      parameter: 'key',
    };
  }
}

const problems = {
  absent: 'not-found',
  'not-refused': 'not-refused',
  'nothing-valid': 'nothing-to-take',
} as const;

type Asked = NonNullable<Extract<ReturnType<typeof readWithdrawal>, { readonly value: unknown }>['value']>;
const readWithdrawal = (request: HttpRequest) => readJsonBody(request, corrections.withdrawReadings.body);

/** `POST /withdrawals`: withdraws, or brings back, or shows what would change. */
export async function withdrawReadings(
  ports: CorrectPorts,
  request: HttpRequest,
): Promise<Outcome<AnswerOf<'withdrawReadings'>>> {
  const body = readWithdrawal(request);
  if ('problem' in body) return body;
  const withdrawal = withdrawalOf(ports.datasets, body.value);
  if ('problem' in withdrawal) return withdrawal;
  const { dryRun = false, digest } = body.value;
  const uploadedMs = ports.clock.nowMs();
  try {
    const { changes, effects } = await plan(ports, withdrawal, uploadedMs);
    const files = filesOf(changes, uploadedMs);
    if (!dryRun && digest !== undefined && digest !== digestOf(files))
      return {
        problem: 'changed',
        detail:
          'other readings would change than were previewed: something was ingested meanwhile; preview it again',
        parameter: 'digest',
      };
    const uploaded = dryRun ? [] : await uploadFiles(ports, files, uploadedMs);
    return {
      ...(uploaded.length === 0 ? { status: 200 } : {}),
      value: {
        ...answerOf(changes, effects),
        digest: digestOf(files),
        uploadedAt: new Date(uploadedMs).toISOString(),
        files: uploaded.map(({ key, versionId }, index) => ({
          dataset: files[index]?.dataset.name ?? '',
          ...{ key, versionId },
        })),
      },
    };
  } catch (fault) {
    if (fault instanceof NothingOfFile)
      return { problem: 'not-found', detail: fault.message, parameter: 'key' };
    if (fault instanceof TooManyReadings)
      return {
        problem: 'too-many-readings',
        detail: `${fault.message}; choose fewer days, or use npm run caudal -- withdraw`,
      };
    if (!(fault instanceof TakesTooLong)) throw fault;
    return {
      problem: 'too-many-readings',
      detail: `it takes longer than ${readingMs / 1_000} s to read what it is about; choose fewer days, or use npm run caudal -- withdraw`,
    };
  }
}

async function plan(
  ports: CorrectPorts,
  withdrawal: Withdrawal,
  uploadedMs: number,
): Promise<{ changes: readonly DatasetChanges[]; effects: readonly MonthEffect[] }> {
  const deadline = deadlineIn(ports.clock, readingMs);
  const tell = () => deadline.check();
  const within = filePorts(ports, deadline);
  const changes = await changesOf(within, ports.datasets, withdrawal, {
    ...{ uploadedMs, tell, most: ports.mostReadings },
  });
  const effects: MonthEffect[] = [];
  for (const of of changes) {
    deadline.check();
    effects.push(
      ...(await effectsOf(
        {
          ofSeries(query) {
            deadline.check();
            return ports.statistics.ofSeries(query);
          },
        },
        of,
      )),
    );
  }
  return { changes, effects };
}

function filePorts(ports: CorrectPorts, deadline: Deadline): FilePorts {
  const { lister, rawBucket } = ports;
  return {
    curated: deadline.objects(ports.curated),
    curatedBucket: ports.curatedBucket,
    partitions: (dataset, span) => deadline.each(ports.partitions(dataset, span)),
    objects: () => deadline.each(listRawObjects(lister, rawBucket)),
    versionsOf: (key) => versionsOf(lister, rawBucket, key),
    segments: deadline.segments(ports.segments),
    ledgers: ports.ledgers,
  };
}

/** The verb's rules, and the bound of an answer. */
function withdrawalOf(datasets: readonly Dataset[], asked: Asked): Withdrawal | Problem {
  const { dataset: name, sensor: sensorId, at, from, to, key, vanished = false, undo = false } = asked;
  const ofSeries = [name, sensorId, at, from, to].some((given) => given !== undefined);
  if (key !== undefined && ofSeries)
    return wrong('key', 'accepted: a file by key, or a series by dataset and sensor, not both');
  if (key !== undefined) return { kind: 'file', key, vanished, undo };
  if (name === undefined || sensorId === undefined)
    return wrong(
      name === undefined ? 'dataset' : 'sensor',
      'is missing; accepted: a file by key, or a series by dataset and sensor',
    );
  if (vanished) return wrong('vanished', 'is for a file; accepted: with key');
  const dataset = datasetNamed(datasets, name);
  if ('problem' in dataset) return dataset;
  if (at !== undefined) {
    if (from !== undefined || to !== undefined)
      return wrong('at', 'accepted: one reading by at, or a span by from and to');
    return { kind: 'series', dataset, sensorId, of: { atMs: Date.parse(at) }, undo };
  }
  if (from === undefined || to === undefined)
    return wrong(from === undefined ? 'from' : 'to', 'is missing; accepted: at, or both from and to');
  const [first, last] = [parseDay(from), parseDay(to)];
  if (first === undefined) return wrong('from', 'accepted: a day that exists, YYYY-MM-DD');
  if (last === undefined) return wrong('to', 'accepted: a day that exists, YYYY-MM-DD');
  if (last < first) return wrong('from', 'is after to; accepted: from before or equal to to');
  if ((Date.parse(to) - Date.parse(from)) / dayMs >= maxWithdrawnDays)
    return wrong('to', `accepted: at most ${maxWithdrawnDays} days; npm run caudal -- withdraw takes more`);
  return { kind: 'series', dataset, sensorId, of: { from, to }, undo };
}

const wrong = (parameter: string, detail: string): Problem => invalid([{ parameter, detail }]);

/** The names of files follow from their lines. */
const digestOf = (files: readonly ChangesFile[]): string =>
  createHash('sha256')
    .update(files.map(({ key }) => `${key}\n`).join(''))
    .digest('hex');

function answerOf(changes: readonly DatasetChanges[], effects: readonly MonthEffect[]) {
  const all = changes.flatMap((of) => of.changes);
  const withdrawn = all.filter(({ kind }) => kind === 'withdraw').length;
  const rejected = changes.flatMap((of) => of.rejected);
  return {
    changes: all.length,
    withdrawn,
    restored: all.length - withdrawn,
    months: effects.slice(0, shownMonths).map(({ dataset, sensorId, month, before, after }) => ({
      dataset: dataset.name,
      ...{ sensorId, month },
      before: ofMonth(before),
      after: ofMonth(after),
    })),
    monthsInAll: effects.length,
    ...leftOf(changes),
    withoutValues: changes.reduce((sum, of) => sum + of.withoutValues, 0),
    rejected: { count: rejected.length, first: rejected.slice(0, shownRejected).map((of) => ({ ...of })) },
  };
}

const ofMonth = ({ count, measures }: PeriodStatistics) => ({
  count,
  measures: Object.fromEntries(
    Object.entries(measures).map(([name, of]) => [
      name,
      { count: of.count, mean: mean(of), min: of.min, max: of.max },
    ]),
  ),
});
