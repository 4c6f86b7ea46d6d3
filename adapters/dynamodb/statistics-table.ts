import { gunzipSync, gzipSync } from 'node:zlib';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  paginateQuery,
  paginateScan,
} from '@aws-sdk/lib-dynamodb';
import { StatisticsFormatUnknown } from '../../core/statistics/page-bytes.ts';
import { StatisticsUnreadable } from '../../ports/faults.ts';
import type { PageLister, PageRemover, PageStore, ShardPeriod, StatisticsPage } from '../../ports/pages.ts';
import { reaching, reachingEach } from '../store-faults.ts';
import { batchGet, ifHeld } from './calls.ts';
import type { Item, ItemKey } from './items.ts';

/*
 * The statistics table: pages. `pk` is the shard and the number of the page, `sk` the kind of period and the period, so that one query reads
 * a page's days or months. `page` is the format, a byte, and the page's bytes, compressed.
 */

/**
 * Measured (`node bench/pages.ts`): 200 series of two measures are 52 bytes each with gzip at its lowest level as at its highest, within
 * 1%; brotli is larger at its quick levels, and saves 3% in 600 times the time at its slow ones. Most of a page is exact sums, which
 * nothing compresses.
 */
const compression = { level: 1 };
/** A month's page that leaves days to their own is of another format, so that a version that would not add them stops by name. */
const formats = { whole: 1, leavesDays: 2 };
const newestFormat = formats.leavesDays;

/** Of a month, days that are read apart at the most; of more, all are read consistently. */
const mostFreshDays = 8;

/** Partition key; names of datasets have no `#`. */
export const pagesKey = ({ dataset, shard }: Omit<ShardPeriod, 'period'>, n: number): string =>
  `${dataset}#${shard}#${n}`;

/** Sort key: a day is `YYYY-MM-DD`, a month `YYYY-MM`. No item of a version before pages has such a one. */
const periodKey = (period: string): string => `${period.length === 7 ? 'month' : 'day'}-page#${period}`;

/** Key of a page's item. */
export function pageKey(of: ShardPeriod, n: number): ItemKey {
  return { pk: pagesKey(of, n), sk: periodKey(of.period) };
}

/** The pages as the merge sees them. The role needs `dynamodb:BatchGetItem`, `Query` and `PutItem`. */
export function createPageStore(documents: DynamoDBDocumentClient, table: string): PageStore {
  return {
    async read(of, numbers) {
      const items = await batchGet(
        documents,
        table,
        numbers.map((n) => pageKey(of, n)),
      );
      return new Map(items.flatMap((item) => (item === undefined ? [] : [[numberOf(item), pageOf(item)]])));
    },

    async daysOfMonth(month, n, fresh) {
      const isFresh = fresh === 'all' || fresh.length > mostFreshDays;
      const found = new Map<string, StatisticsPage>();
      const items = queryPages(documents, table, {
        ...{ pages: pagesKey(month, n), from: `${month.period}-01`, to: `${month.period}-31` },
        isConsistent: isFresh,
      });
      for await (const item of items) found.set(periodOf(item), pageOf(item));
      if (isFresh) return found;
      const keys = fresh.map((period) => pageKey({ ...month, period }, n));
      for (const item of await batchGet(documents, table, keys))
        if (item !== undefined) found.set(periodOf(item), pageOf(item));
      return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
    },

    async write(of, { n, depth, version, bytes, ...fold }) {
      const format = fold.openFrom === undefined ? formats.whole : formats.leavesDays;
      const held = await ifHeld(
        documents.send(
          new PutCommand({
            TableName: table,
            Item: {
              ...pageKey(of, n),
              ...{ depth, version, page: Buffer.concat([Buffer.of(format), gzipSync(bytes, compression)]) },
              ...fold,
            },
            ConditionExpression: 'attribute_not_exists(version) OR version < :version',
            ExpressionAttributeValues: { ':version': version },
          }),
        ),
      );
      return held === undefined ? 'superseded' : 'written';
    },
  };
}

/** Removes pages for an operator who has them written again. Needs `dynamodb:DeleteItem`, which no role of Caudal has. */
export function createPageRemover(documents: DynamoDBDocumentClient, table: string): PageRemover {
  return {
    async remove(of, n) {
      await reaching(documents.send(new DeleteCommand({ TableName: table, Key: pageKey(of, n) })));
    },
  };
}

/** Needs `dynamodb:Scan`, which no role of Caudal has. */
export function createPageLister(documents: DynamoDBDocumentClient, table: string): PageLister {
  return {
    async *list(dataset) {
      const pages = paginateScan(
        { client: documents },
        {
          TableName: table,
          FilterExpression: 'begins_with(pk, :dataset)',
          ExpressionAttributeValues: { ':dataset': `${dataset}#` },
          ProjectionExpression: 'pk, sk',
        },
      );
      for await (const { Items = [] } of reachingEach(pages)) {
        for (const item of Items) if (isPage(item)) yield placeOf(item);
      }
    },
  };
}

/** The items of the pages with one number, of periods of one kind from one to another, both included, in their order or against it. */
export async function* queryPages(
  documents: DynamoDBDocumentClient,
  table: string,
  {
    pages,
    from,
    to,
    isBackward = false,
    isConsistent = true,
    keysOnly = false,
    atOnce,
  }: {
    pages: string;
    from: string;
    to: string;
    isBackward?: boolean;
    isConsistent?: boolean;
    /** Without the pages themselves: it is which of them there are that is asked. */
    keysOnly?: boolean;
    atOnce?: number;
  },
): AsyncGenerator<Item> {
  const found = paginateQuery(
    { client: documents, ...(atOnce === undefined ? {} : { pageSize: atOnce }) },
    {
      TableName: table,
      ConsistentRead: isConsistent,
      KeyConditionExpression: 'pk = :pages AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':pages': pages, ':from': periodKey(from), ':to': periodKey(to) },
      ScanIndexForward: !isBackward,
      ...(keysOnly ? { ProjectionExpression: 'pk, sk' } : {}),
    },
  );
  for await (const { Items = [] } of reachingEach(found)) yield* Items;
}

/** Bytes that pages are unpacked to together. A hundred pages are some two megabytes. */
const mostTogether = 64 * 2 ** 20;

const isPage = ({ sk }: Item): boolean => /^(?:day|month)-page#/.test(String(sk));
const numberOf = (item: Item): number => Number(String(item.pk).split('#')[2]);
export const periodOf = (item: Item): string => String(item.sk).slice(String(item.sk).indexOf('#') + 1);

/**
 * @throws {StatisticsFormatUnknown} for a page that a newer version wrote
 * @throws {StatisticsUnreadable} for one that nobody can read
 */
export const pageOf = (item: Item): StatisticsPage => pageWith(item, unpacked(item, packedOf(item)));

/**
 * Pages of many items, in their order, unpacked together: to unpack each takes memory that is collected again, which for a year of days took
 * longer than all else. They share one buffer.
 * @throws as {@link pageOf}
 */
export function pagesOf(items: readonly Item[]): StatisticsPage[] {
  const packed = items.map(packedOf);
  const sizes = packed.map(sizeOf);
  const whole = unpackedTogether(packed, sizes);
  let end = 0;
  return items.map((item, index) => {
    const start = end;
    end += sizes[index] ?? 0;
    const bytes = whole?.subarray(start, end) ?? unpacked(item, packed[index] as Uint8Array); // one for each
    return pageWith(item, bytes);
  });
}

function packedOf(item: Item): Uint8Array {
  const stored = item.page as Uint8Array;
  const [format = 0] = stored;
  if (format < formats.whole || format > newestFormat) {
    throw new StatisticsFormatUnknown(
      `${item.pk} ${item.sk}: a page of format ${format}; this version reads formats up to ${newestFormat}: a newer version wrote it`,
    );
  }
  return stored.subarray(1);
}

function pageWith(item: Item, bytes: Uint8Array): StatisticsPage {
  return {
    n: numberOf(item),
    depth: Number(item.depth),
    version: Number(item.version),
    bytes,
    ...Object.fromEntries(
      (['foldedFrom', 'openFrom', 'closing'] as const).flatMap((name) =>
        item[name] === undefined ? [] : [[name, String(item[name])]],
      ),
    ),
  };
}

/** How many bytes gzip says in its last four that it packed. */
function sizeOf(packed: Uint8Array): number {
  if (packed.length < 4) return 0;
  return new DataView(packed.buffer, packed.byteOffset + packed.length - 4).getUint32(0, true);
}

/** What gzip streams after one another hold; `undefined` where one of them is not what it says, and each has to be looked at. */
function unpackedTogether(packed: readonly Uint8Array[], sizes: readonly number[]): Uint8Array | undefined {
  const length = sizes.reduce((sum, size) => sum + size, 0);
  if (length === 0 || length > mostTogether) return undefined;
  try {
    const bytes = gunzipSync(Buffer.concat(packed), { chunkSize: Math.max(length, 64) });
    return bytes.length === length ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function unpacked(item: Item, bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (fault) {
    const { n, ...of } = placeOf(item);
    const { message } = fault as Error;
    throw new StatisticsUnreadable({ of, n }, `page ${item.pk} ${item.sk}: ${message}`, { cause: fault });
  }
}

function placeOf(item: Item): ShardPeriod & { n: number } {
  const [dataset = '', shard, n] = String(item.pk).split('#');
  return { dataset, shard: Number(shard), period: periodOf(item), n: Number(n) };
}
