import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { SeriesRow, StatisticsQueries } from '../../ports/queries.ts';
import { reaching } from '../store-faults.ts';
import type { Item } from './batch.ts';
import { fromItem, periodKey, seriesKey, statisticsKey } from './statistics-item.ts';

/** The statistics table and its index `by-period`, for reading. */
export function createStatisticsQueries(documents: DynamoDBDocumentClient, table: string): StatisticsQueries {
  const query = (input: Omit<QueryCommandInput, 'TableName'>) =>
    reaching(documents.send(new QueryCommand({ TableName: table, ...input })));
  return {
    async ofSeries({ dataset, sensorId, from, to, limit }) {
      const page = await query({
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :series AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':series': seriesKey(dataset, sensorId),
          ':from': statisticsKey({ dataset, sensorId, period: from }).sk,
          ':to': statisticsKey({ dataset, sensorId, period: to }).sk,
        },
        Limit: limit,
      });
      return { rows: (page.Items ?? []).map(toRow), more: page.LastEvaluatedKey !== undefined };
    },

    async monthBefore({ dataset, sensorId, month }) {
      const page = await query({
        ConsistentRead: true,
        // Months follow days in the sort key: the first row below is the month before, or a day where there is none.
        KeyConditionExpression: 'pk = :series AND sk < :month',
        ExpressionAttributeValues: {
          ':series': seriesKey(dataset, sensorId),
          ':month': statisticsKey({ dataset, sensorId, period: month }).sk,
        },
        ScanIndexForward: false,
        Limit: 1,
      });
      const row = page.Items?.map(toRow)[0];
      return row?.period.length === 7 ? row : undefined;
    },

    async hasSeries({ dataset, sensorId }) {
      const page = await query({
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :series',
        ExpressionAttributeValues: { ':series': seriesKey(dataset, sensorId) },
        Select: 'COUNT',
        Limit: 1,
      });
      return (page.Count ?? 0) > 0;
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
