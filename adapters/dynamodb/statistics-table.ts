import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { sumsOfMoments } from '../../core/statistics/exact-sums.ts';
import type { MeasureStatistics, PeriodStatistics } from '../../core/statistics/statistics.ts';
import { decodeSums, encodeSums } from '../../core/statistics/sums-bytes.ts';
import type { SeriesRow, StatisticsQueries } from '../../ports/queries.ts';
import type {
  SeriesPeriod,
  StatisticsRemover,
  StatisticsStore,
  StoredStatistics,
} from '../../ports/records.ts';
import { reaching } from '../store-faults.ts';
import { batchGet } from './calls.ts';
import { putIf, queryAll } from './direct-calls.ts';
import type { Item, ItemKey } from './items.ts';

/*
 * The statistics table. `pk` is the series, `sk` the kind of period and the period; the index `by-period` has the periods of a
 * shard with their sensors. Doubles are stored as their shortest decimal text: it reads back as the same bits, while
 * DynamoDB's numbers have another range (1e-130 to 1e126) and the document client refuses large ones. Exact sums are bytes, which say
 * their format. Items of earlier versions have a mean and a sum of squared differences instead, both rounded.
 */

/** A day is `YYYY-MM-DD`, a month `YYYY-MM`. */
const kindOf = (period: string): 'day' | 'month' => (period.length === 7 ? 'month' : 'day');

/** Partition key; names of datasets have no `#`, so that the first one parts it from the sensor's id. */
const seriesKey = (dataset: string, sensorId: string): string => `${dataset}#${sensorId}`;

/** Key of a day's or month's item. */
export function statisticsKey({ dataset, sensorId, period }: SeriesPeriod): ItemKey {
  return { pk: seriesKey(dataset, sensorId), sk: `${kindOf(period)}#${period}` };
}

/** Partition key of the index `by-period`; the shard keeps a period of many sensors from being one hot key. */
const periodKey = (dataset: string, period: string, shard: number): string =>
  `${dataset}#${kindOf(period)}#${period}#${shard}`;

/**
 * The table as the merge sees it. Its queries and writes are direct calls. The role needs `dynamodb:BatchGetItem`, `Query` and
 * `PutItem`.
 */
export function createStatisticsStore(documents: DynamoDBDocumentClient, table: string): StatisticsStore {
  return {
    async read(keys) {
      const items = await batchGet(documents, table, keys.map(statisticsKey));
      return items.map((item) => item && fromItem(item));
    },

    async readDaysOfMonth({ dataset, sensorId, period }) {
      const items = await queryAll(documents, {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :series AND begins_with(sk, :month)',
        ExpressionAttributeValues: { ':series': seriesKey(dataset, sensorId), ':month': `day#${period}-` },
      });
      return items.map(fromItem);
    },

    async write(key, value) {
      const held = await putIf(documents, {
        TableName: table,
        Item: toItem(key, value),
        ConditionExpression: 'attribute_not_exists(version) OR version < :version',
        ExpressionAttributeValues: { ':version': value.version },
      });
      return held ? 'written' : 'superseded';
    },
  };
}

/** Removes items for an operator who has them written again. Needs `dynamodb:DeleteItem`, which no role of Caudal has. */
export function createStatisticsRemover(documents: DynamoDBDocumentClient, table: string): StatisticsRemover {
  return {
    async remove(key) {
      await reaching(documents.send(new DeleteCommand({ TableName: table, Key: statisticsKey(key) })));
    },
  };
}

/** The table and its index `by-period` as the queries see them. The role needs `dynamodb:Query` on both. */
export function createStatisticsQueries(documents: DynamoDBDocumentClient, table: string): StatisticsQueries {
  const query = (input: Omit<QueryCommandInput, 'TableName'>) =>
    reaching(documents.send(new QueryCommand({ TableName: table, ...input })));
  /** Adds rows until there are `limit`, without those of periods in which every reading was withdrawn. */
  const eachCounting = async (
    input: Omit<QueryCommandInput, 'TableName'>,
    { rows, limit }: { rows: SeriesRow[]; limit: number },
  ): Promise<{ more: boolean }> => {
    let after: Item | undefined;
    do {
      const page = await query({
        ...input,
        ConsistentRead: true,
        Limit: limit - rows.length,
        ...(after === undefined ? {} : { ExclusiveStartKey: after }),
      });
      rows.push(...(page.Items ?? []).map(toRow).filter(({ statistics }) => statistics.count > 0));
      after = page.LastEvaluatedKey;
    } while (after !== undefined && rows.length < limit);
    return { more: after !== undefined };
  };
  return {
    async ofSeries({ dataset, sensorId, from, to, limit }) {
      const rows: SeriesRow[] = [];
      const { more } = await eachCounting(
        {
          KeyConditionExpression: 'pk = :series AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: {
            ':series': seriesKey(dataset, sensorId),
            ':from': statisticsKey({ dataset, sensorId, period: from }).sk,
            ':to': statisticsKey({ dataset, sensorId, period: to }).sk,
          },
        },
        { rows, limit },
      );
      return { rows, more };
    },

    async monthBefore({ dataset, sensorId, month }) {
      const rows: SeriesRow[] = [];
      await eachCounting(
        {
          // Months follow days in the sort key: the first row below is the month before, or a day where there is none.
          KeyConditionExpression: 'pk = :series AND sk < :month',
          ExpressionAttributeValues: {
            ':series': seriesKey(dataset, sensorId),
            ':month': statisticsKey({ dataset, sensorId, period: month }).sk,
          },
          ScanIndexForward: false,
        },
        { rows, limit: 1 },
      );
      return rows[0]?.period.length === 7 ? rows[0] : undefined;
    },

    async hasSeries({ dataset, sensorId }) {
      const rows: SeriesRow[] = [];
      await eachCounting(
        {
          KeyConditionExpression: 'pk = :series',
          ExpressionAttributeValues: { ':series': seriesKey(dataset, sensorId) },
        },
        { rows, limit: 1 },
      );
      return rows.length > 0;
    },

    async ofPeriod({ dataset, period, shard, after, limit }) {
      const page = await query({
        IndexName: 'by-period',
        KeyConditionExpression: `#period = :period${after === undefined ? '' : ' AND sensorId > :after'}`,
        ExpressionAttributeNames: { '#period': 'period' },
        ExpressionAttributeValues: {
          ':period': periodKey(dataset, period, shard),
          ...(after === undefined ? {} : { ':after': after }),
        },
        Limit: limit,
      });
      return { rows: (page.Items ?? []).map(toRow), more: page.LastEvaluatedKey !== undefined };
    },

    async hasPeriod({ dataset, period, shard }) {
      const page = await query({
        IndexName: 'by-period',
        KeyConditionExpression: '#period = :period',
        ExpressionAttributeNames: { '#period': 'period' },
        ExpressionAttributeValues: { ':period': periodKey(dataset, period, shard) },
        Select: 'COUNT',
        Limit: 1,
      });
      return (page.Count ?? 0) > 0;
    },
  };
}

/** The sort key is `day#…` or `month#…`. */
function toRow(item: Item): SeriesRow {
  const period = String(item.sk).slice(String(item.sk).indexOf('#') + 1);
  return { sensorId: String(item.sensorId), period, statistics: fromItem(item).statistics };
}

function toItem(key: SeriesPeriod & { shard: number }, { version, statistics }: StoredStatistics): Item {
  return {
    ...statisticsKey(key),
    // Of a period in which every reading was withdrawn the item stays, for its version; no list of a period has it.
    ...(statistics.count === 0 ? {} : { period: periodKey(key.dataset, key.period, key.shard) }),
    dataset: key.dataset,
    sensorId: key.sensorId,
    version,
    count: statistics.count,
    ...(statistics.contested === 0 ? {} : { contested: statistics.contested }),
    measures: mapValues(statistics.measures, ({ count, sums, rounded, min, minAt, max, maxAt }) => ({
      count,
      sums: encodeSums(sums),
      ...(rounded ? { rounded } : {}),
      min: String(min),
      minAt,
      max: String(max),
      maxAt,
    })),
    alerts: mapValues(statistics.alerts, ({ count, worst, worstAt }) => ({
      count,
      worst: String(worst),
      worstAt,
    })),
  };
}

/** @throws {StatisticsFormatUnknown} for an item that a newer version wrote */
function fromItem(item: Item): StoredStatistics {
  const measures = item.measures as Record<string, StoredMeasure>;
  const alerts = item.alerts as Record<string, { count: number; worst: string; worstAt: number }>;
  const statistics: PeriodStatistics = {
    count: Number(item.count),
    contested: Number(item.contested ?? 0),
    measures: mapValues(measures, (stored) => naming(item, () => fromStoredMeasure(stored))),
    alerts: mapValues(alerts, ({ count, worst, worstAt }) => ({
      count: Number(count),
      worst: Number(worst),
      worstAt: Number(worstAt),
    })),
  };
  return { version: Number(item.version), statistics };
}

/** Numbers that are text are doubles. */
type StoredMeasure = { count: number; min: string; minAt: number; max: string; maxAt: number } & (
  | { sums: Uint8Array; rounded?: true }
  /** `m2` is the sum of squared differences from the mean. */
  | { mean: string; m2: string; sums?: undefined }
);

function fromStoredMeasure(stored: StoredMeasure): MeasureStatistics {
  const { count, min, minAt, max, maxAt } = stored;
  const extremes = { min: Number(min), minAt, max: Number(max), maxAt };
  if (stored.sums !== undefined) {
    return {
      count,
      sums: decodeSums(stored.sums),
      ...(stored.rounded ? { rounded: true } : {}),
      ...extremes,
    };
  }
  const sums = sumsOfMoments({ count, mean: finite(stored.mean), m2: finite(stored.m2) });
  return { count, sums, rounded: true, ...extremes };
}

/** What can't be read says which item it is in. */
function naming<Read>({ pk, sk }: Item, read: () => Read): Read {
  try {
    return read();
  } catch (fault) {
    if (fault instanceof Error) fault.message = `${pk} ${sk}: ${fault.message}`;
    throw fault;
  }
}

/** What left the range of doubles in that arithmetic, as values near 1e200 did, is the largest of them until it is replaced. */
function finite(text: string): number {
  const value = Number(text);
  return Number.isFinite(value) ? value : value < 0 ? -Number.MAX_VALUE : Number.MAX_VALUE;
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
