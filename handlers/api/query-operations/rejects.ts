import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { RejectReason } from '../../../core/dataset/reading.ts';
import { mayBeAccepted } from '../../../core/lines/gate.ts';
import { shellWord } from '../../../core/shell-word.ts';
import { parseDay } from '../../../core/time/calendar.ts';
import { dayMs } from '../../../core/time/duration.ts';
import type { Clock } from '../../../ports/clock.ts';
import { SegmentMissing } from '../../../ports/faults.ts';
import type { SegmentOpener } from '../../../ports/objects.ts';
import { deadlineIn, readingMs, TakesTooLong } from '../../operations/deadline.ts';
import type { RejectsPorts } from '../../operations/rejected-lines.ts';
import { fixedKey } from '../../operations/rejects/fixable-lines.ts';
import {
  type KnownObject,
  knownObject,
  linesOf,
  mendableFiles,
} from '../../operations/rejects/object-rejects.ts';
import { refusedPage } from '../../operations/rejects/refused-files.ts';
import { rejectedFiles } from '../../operations/rejects/rejected-files.ts';
import { datasetNamed } from '../contract/fields.ts';
import { maxRejectsDays } from '../contract/rejects.ts';
import type { AnswerOf } from '../contract/routes.ts';
import { csvOf } from '../http/csv.ts';
import { encodeCursor, readCursor } from '../http/cursor.ts';
import { type Problem, problemOf } from '../http/problem.ts';
import type { Outcome } from '../http/router.ts';

export interface RejectsApiPorts extends RejectsPorts {
  readonly datasets: readonly Dataset[];
  readonly segments: SegmentOpener;
  readonly clock: Pick<Clock, 'nowMs'>;
}

const usualDays = 30;

interface Page {
  limit: number;
  cursor?: string | undefined;
}
interface Days {
  from?: string | undefined;
  to?: string | undefined;
}
interface OfObject {
  key: string;
  version?: string | undefined;
  reason?: RejectReason | undefined;
}

/** `GET /rejects`: sums by file and reason, the newest file first. */
export async function listRejects(
  ports: RejectsApiPorts,
  query: Page &
    Days & { dataset?: string | undefined; reason?: RejectReason | undefined; file?: string | undefined },
): Promise<Outcome<AnswerOf<'listRejects'>> | Problem> {
  const { dataset, reason, file, limit } = query;
  const unknown = unknownDataset(ports, dataset);
  if (unknown !== undefined) return unknown;
  const span = spanOf(query, ports.clock.nowMs());
  if ('problem' in span) return span;
  const { from, to } = span;
  const identity = ['rejects', dataset ?? '', from, to, reason ?? '', file ?? ''];
  const position = readCursor(identity, query.cursor, (parts) => isPlace(parts, span));
  if ('problem' in position) return position;
  const [day, arrivedMs, segmentId] = position;
  const after =
    day === undefined || segmentId === undefined
      ? undefined
      : { day, arrivedMs: Number(arrivedMs), segmentId };
  const found = await rejectedFiles(ports, { from, to, dataset, reason, file }, { after, limit });
  const cursor =
    found.last === undefined
      ? null
      : encodeCursor(identity, [found.last.day, String(found.last.arrivedMs), found.last.segmentId]);
  const files = found.files.map(({ arrivedMs: atMs, byReason, ...of }) => ({
    ...of,
    arrivedAt: new Date(atMs).toISOString(),
    byReason: { ...byReason },
  }));
  return {
    value: { from, to, files, cursor },
    next: cursor,
    csv: () =>
      csvOf([
        ['key', 'versionId', 'arrivedAt', 'reason', 'lines'],
        ...files.flatMap(({ key, versionId, arrivedAt, byReason }) =>
          Object.entries(byReason).map(([of, count]) => [key, versionId, arrivedAt, of, count]),
        ),
      ]),
  };
}

const isPlace = (parts: readonly string[], { from, to }: { from: string; to: string }): boolean => {
  const [day = '', arrivedMs = '', segmentId = ''] = parts;
  return (
    parts.length === 3 &&
    parseDay(day) !== undefined &&
    day >= from &&
    day <= to &&
    /^\d{1,15}$/.test(arrivedMs) &&
    /^[0-9a-f]{32}$/.test(segmentId)
  );
};

function spanOf(query: Days, nowMs: number): { from: string; to: string } | Problem {
  const today = new Date(nowMs).toISOString().slice(0, 10);
  const to = query.to ?? (query.from !== undefined && query.from > today ? query.from : today);
  const from = query.from ?? dayAfter(to, 1 - usualDays);
  const days = Math.round((Date.parse(to) - Date.parse(from)) / dayMs) + 1;
  if (days < 1)
    return problemOf('invalid-parameter', {
      parameter: 'from',
      found: `from (${from}) is after to (${to})`,
      accepted: 'from before or equal to to',
    });
  if (days <= maxRejectsDays) return { from, to };
  return problemOf('invalid-parameter', {
    parameter: 'from',
    found: `the span has ${days} days`,
    accepted: `at most ${maxRejectsDays} days`,
  });
}

const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);

function unknownDataset({ datasets }: RejectsApiPorts, name: string | undefined): Problem | undefined {
  if (name === undefined) return undefined;
  const found = datasetNamed(datasets, name);
  return 'problem' in found ? found : undefined;
}

const noObject = ({ key }: OfObject): Problem => ({
  problem: 'not-found',
  detail: `nothing is known of an object ${JSON.stringify(key)} of this version: there is none, or it is not validated yet`,
  parameter: 'key',
});

/** `GET /rejects/lines`: the rejected lines of one file. */
export async function listRejectedLines(
  ports: RejectsApiPorts,
  query: OfObject & Page,
): Promise<Outcome<AnswerOf<'listRejectedLines'>> | Problem> {
  const { key, reason, limit } = query;
  const object = await knownObject(ports, { key, version: query.version });
  if (object === undefined) return noObject(query);
  const { versionId } = object.segment;
  const identity = ['rejected-lines', key, versionId, reason ?? ''];
  const position = readCursor(identity, query.cursor, ([skip = '']) => /^\d{1,6}$/.test(skip));
  if ('problem' in position) return position;
  const skip = Number(position[0] ?? 0);
  const { lines, more } = await linesOf(ports, object, { reason, skip, limit });
  const cursor = more ? encodeCursor(identity, [String(skip + lines.length)]) : null;
  const shown = lines.map(({ line, reason: why, detail, text, textTruncated }) => ({
    ...{ line, reason: why, detail, text },
    ...(textTruncated === true ? { textTruncated } : {}),
  }));
  return {
    value: { key, versionId, lines: shown, withoutText: object.entry.notes?.withoutText ?? 0, cursor },
    next: cursor,
    csv: () =>
      csvOf([
        ['line', 'reason', 'detail', 'text'],
        ...shown.map(({ line, reason: why, detail, text }) => [line, why, detail, text]),
      ]),
  };
}

/** `GET /rejects/mendable`: the lines as files to be mended. */
export async function getMendable(
  ports: RejectsApiPorts,
  query: OfObject,
): Promise<Outcome<AnswerOf<'getMendable'>> | Problem> {
  const { key, reason } = query;
  const object = await knownObject(ports, { key, version: query.version });
  if (object === undefined) return noObject(query);
  const deadline = deadlineIn(ports.clock, readingMs);
  try {
    const found = await mendableFiles(
      { ...ports, segments: deadline.segments(ports.segments) },
      object,
      reason,
    );
    return { value: answerOf(object, found) };
  } catch (fault) {
    if (fault instanceof SegmentMissing) return noObject(query);
    if (!(fault instanceof TakesTooLong)) throw fault;
    return {
      problem: 'file-too-large',
      detail: `${key} takes longer than ${readingMs / 1_000} s to read; npm run caudal -- rejects --file ${shellWord(key)} --out FILE does it`,
      parameter: 'key',
    };
  }
}

function answerOf(
  { segment: { key, versionId } }: KnownObject,
  { files, others, more }: Awaited<ReturnType<typeof mendableFiles>>,
): AnswerOf<'getMendable'> {
  return {
    ...{ key, versionId, more },
    files: files.map(({ format, folder, bytes, text, lines }) => ({
      name: fixedKey('', format, bytes),
      folder,
      ...(text === undefined
        ? { encoding: 'base64' as const, content: bytes.toString('base64') }
        : { encoding: 'utf-8' as const, content: text }),
      lines: lines.map(({ line, of }) => ({ line, of: of.line, reason: of.reason, detail: of.detail })),
    })),
    others: others.map(({ line, reason, detail }) => ({ line, reason, detail })),
  };
}

/** `GET /refused-files`: of which nothing was taken. */
export async function listRefusedFiles(
  ports: RejectsApiPorts,
  query: Page & Days & { dataset?: string | undefined },
): Promise<Outcome<AnswerOf<'listRefusedFiles'>> | Problem> {
  const { dataset, from, to, limit } = query;
  const prefix = dataset === undefined ? 'landing/' : `landing/${dataset}/`;
  const identity = ['refused-files', dataset ?? '', from ?? '', to ?? ''];
  const position = readCursor(
    identity,
    query.cursor,
    ([key = '']) => key.startsWith(prefix) && key.length <= 1_024,
  );
  if ('problem' in position) return position;
  const span = {
    fromMs: from === undefined ? 0 : Date.parse(from),
    toMs: to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to) + dayMs,
    dataset,
  };
  const { files, last } = await refusedPage(ports, span, { after: position[0], limit });
  const cursor = last === undefined ? null : encodeCursor(identity, [last]);
  return {
    value: {
      files: files.map(({ key, versionId, arrivedMs, refusal, hasEarlier }) => ({
        ...{ key, versionId, hasEarlier },
        arrivedAt: new Date(arrivedMs).toISOString(),
        reason: refusal.reason,
        detail: refusal.detail,
        ...(refusal.cause === undefined ? {} : { cause: refusal.cause }),
        lines: refusal.lines.map((line) => ({ ...line })),
        waysOut: mayBeAccepted(refusal) ? ['replace', 'accept'] : ['replace'],
      })),
      cursor,
    },
    next: cursor,
  };
}
