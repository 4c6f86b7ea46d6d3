import type { Dataset } from '../../../../core/dataset/dataset.ts';
import { shardOf } from '../../../../core/partition/partition.ts';
import { mergeStates, projectionsOf, readState, type States } from '../../../../core/projections/states.ts';
import { stateAt } from '../../../../core/set/columns.ts';
import { ColumnsBuilder } from '../../../../core/set/row-buffer.ts';
import { type PeriodStatistics, statisticsByDay } from '../../../../core/statistics/statistics.ts';
import { localDay, monthOf, parseTimestamp } from '../../../../core/time/calendar.ts';
import type { Clock } from '../../../../ports/clock.ts';
import type { StatisticsQueries } from '../../../../ports/queries.ts';
import { shift } from '../../answers/span.ts';
import { instant } from '../../answers/statistics-row.ts';
import type { AnswerOf } from '../../contract/routes.ts';
import type { Problem } from '../../http/problem.ts';
import type { Outcome } from '../../http/router.ts';
import { unknownAmong } from '../selected.ts';
import { type SetPorts, TooManyRows, takeRowsOfDays } from './series-rows.ts';

export interface ProjectionPorts extends SetPorts {
  readonly statistics: StatisticsQueries;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Events of the entity on the day that is asked for. */
const mostEvents = 100_000;
/** Above the days of a month, and the months of a projection. */
const mostPeriods = 40;

/**
 * `GET /datasets/{dataset}/projections/{projection}`: from the pages of whole months and days before the moment's day, and the events of that day up
 * to the moment. That are at most 23 months, 30 days and one partition, however long the history is.
 */
export async function getProjection(
  ports: ProjectionPorts,
  dataset: Dataset,
  query: { readonly projection: string; readonly entity: string; readonly asOf?: string | undefined },
): Promise<Outcome<AnswerOf<'getProjection'>>> {
  const { projection: name, entity } = query;
  const projection = Object.hasOwn(dataset.projections, name) ? dataset.projections[name] : undefined;
  const projected = projectionsOf(dataset);
  if (projection === undefined || projected === undefined) return unknownProjection(dataset, name);
  const asOfMs = query.asOf === undefined ? ports.clock.nowMs() : (parseTimestamp(query.asOf) as number); // checked
  const day = localDay(dataset.timeZone, asOfMs);
  const firstMonth = shift('month', monthOf(day), 1 - projection.months);
  const periods = spansBefore(firstMonth, day);
  const of = (paged: Dataset) => partsOf(ports.statistics, paged, entity, periods);
  const [parts, counted, ofDay] = await Promise.all([
    of(projected),
    of(dataset),
    eventsOfDay(ports, dataset, { projected, entity, day, asOfMs }),
  ]);
  if ('problem' in ofDay) return ofDay;
  if (eventsIn(parts) !== eventsIn(counted)) return behind(dataset, eventsIn(parts), eventsIn(counted));
  const all = [...parts, ...(ofDay.found === undefined ? [] : [ofDay.found])];
  const events = eventsIn(all);
  if (events === 0) {
    const unknown = await unknownAmong(ports.statistics, dataset, [entity]);
    if (unknown)
      return {
        ...unknown,
        detail: `${dataset.name} has no event of ${dataset.entity} ${JSON.stringify(entity)}`,
        parameter: 'entity',
      };
  }
  const states = all.length === 0 ? undefined : mergeStates(projected, all.map(statesIn))[name];
  const read = states === undefined ? { state: projection.initial } : readState(projection, states);
  if ('fault' in read) return noState(dataset, query, read.fault);
  return {
    value: {
      ...{ dataset: dataset.name, projection: name, entity, timeZone: dataset.timeZone },
      ...{ from: `${firstMonth}-01`, asOf: instant(asOfMs), events },
      state: projection.view(read.state, asOfMs),
    },
  };
}

const eventsIn = (parts: readonly PeriodStatistics[]): number =>
  parts.reduce((sum, { count }) => sum + count, 0);
const statesIn = ({ states }: PeriodStatistics): States | undefined => states;

interface Periods {
  readonly from: string;
  readonly to: string;
}

/** The whole months before a day's, and the days of its month before it. */
function spansBefore(firstMonth: string, day: string): Periods[] {
  const month = monthOf(day);
  const months = { from: firstMonth, to: shift('month', month, -1) };
  const days = { from: `${month}-01`, to: shift('day', day, -1) };
  return [months, days].filter(({ from, to }) => from <= to);
}

/** In the order of time. */
async function partsOf(
  statistics: StatisticsQueries,
  dataset: Dataset,
  sensorId: string,
  periods: readonly Periods[],
): Promise<PeriodStatistics[]> {
  const found = await Promise.all(
    periods.map((span) => statistics.ofSeries({ dataset, sensorId, ...span, limit: mostPeriods })),
  );
  return found.flatMap(({ rows }) => rows.map((row) => row.statistics));
}

/** The states of the entity's events of a day up to a moment, as they are in the set; `undefined` without an event. */
async function eventsOfDay(
  ports: SetPorts,
  dataset: Dataset,
  { projected, entity, day, asOfMs }: { projected: Dataset; entity: string; day: string; asOfMs: number },
): Promise<{ readonly found: PeriodStatistics | undefined } | Problem> {
  const rows = new ColumnsBuilder(dataset);
  try {
    const wanted = {
      ...{ days: [day], shards: [shardOf(entity, dataset.shards)], most: mostEvents },
      sensors: { ids: new Set([entity]), has: (id: string) => id === entity },
    };
    await takeRowsOfDays(ports, dataset, wanted, (_, columns) => {
      for (let row = 0; row < columns.length; row++) {
        const { reading, uploadedMs } = stateAt(columns, row);
        if (reading.timestampMs <= asOfMs) rows.add(reading, uploadedMs);
      }
    });
  } catch (fault) {
    if (!(fault instanceof TooManyRows)) throw fault;
    return {
      problem: 'too-many-readings',
      detail: `${day} has more than ${mostEvents} events of ${JSON.stringify(entity)}; ask for the end of the day before, or of that day once it is over`,
      parameter: 'asOf',
    };
  }
  return { found: rows.length === 0 ? undefined : statisticsByDay(projected, rows.build()).get(entity) };
}

function unknownProjection(dataset: Dataset, name: string): Problem {
  const accepted = Object.keys(dataset.projections);
  const known = accepted.length === 0 ? `none: ${dataset.name} has no projections` : accepted.join(', ');
  const detail = `unknown projection ${JSON.stringify(name)}; accepted: ${known}`;
  return { problem: 'not-found', detail, parameter: 'projection', accepted };
}

const fix = ({ name }: Dataset) => `npm run caudal -- reconcile --stores --dataset ${name} --fix`;

function behind(dataset: Dataset, found: number, counted: number): Problem {
  return {
    problem: 'unavailable',
    detail: `the projections of ${dataset.name} have ${found} events where its statistics have ${counted}: a merge is under way, and the same request succeeds in some seconds; where it does not, ${fix(dataset)}`,
    headers: { 'retry-after': '5' },
  };
}

function noState(
  dataset: Dataset,
  { projection, entity }: { projection: string; entity: string },
  fault: 'too-large' | 'outdated',
): Problem {
  if (fault === 'outdated')
    return {
      problem: 'unavailable',
      detail: `some events of ${JSON.stringify(entity)} were folded before ${projection} was as it is now; ${fix(dataset)}`,
    };
  return {
    problem: 'too-many-readings',
    detail: `what the events of ${JSON.stringify(entity)} come to as ${projection} in these months has no room on a page`,
    parameter: 'entity',
  };
}
