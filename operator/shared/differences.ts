import type { ItemKey } from '../../adapters/dynamodb/items.ts';
import { pageKey } from '../../adapters/dynamodb/statistics-table.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { ExactSums } from '../../core/statistics/exact-sums.ts';
import { mean, type PeriodStatistics, standardDeviation } from '../../core/statistics/statistics.ts';
import type { ShardPeriod } from '../../ports/pages.ts';

/** One thing in which the stores differ from the raw objects, or from each other. */
export interface Difference {
  readonly kind: 'object' | 'ledger' | 'rejects' | 'partition' | 'day' | 'month' | 'alert' | 'file';
  /** The object's key, or dataset, sensor and period. */
  readonly name: string;
  readonly what: string;
  /** What to do about it. */
  readonly fix: string;
  /** The same for a program, in this order; absent where a person has to decide. */
  readonly repairs?: readonly Repair[];
}

/** One step of a fix. */
export type Repair =
  | { readonly kind: 'remove-object'; readonly bucket: string; readonly key: string }
  | {
      readonly kind: 'remove-statistics';
      readonly table: string;
      readonly page: { readonly of: ShardPeriod; readonly n: number };
    }
  /** Of the objects that arrived on these UTC days, both included. */
  | { readonly kind: 'replay-arrived'; readonly from: string; readonly to: string }
  /** Of the objects that have readings of these local days, both included. */
  | {
      readonly kind: 'replay-readings';
      /** Its name. */
      readonly dataset: string;
      readonly from: string;
      readonly to: string;
    };

/** What a person types for a step. */
export function repairCommand(repair: Repair): string {
  switch (repair.kind) {
    case 'remove-object':
      return deleteObjectCommand(repair.bucket, repair.key);
    case 'remove-statistics':
      return deleteItemCommand(repair.table, pageKey(repair.page.of, repair.page.n));
    case 'replay-arrived':
      return replayCommand(repair.from, repair.to);
    case 'replay-readings':
      return `npm run caudal -- replay --dataset ${repair.dataset} --by readings --from ${repair.from} --to ${repair.to}`;
  }
}

/**
 * A fix in words and for a program.
 * @param condition.when in front of the commands: the steps do no harm where it does not hold
 */
export function fixOf(
  repairs: readonly Repair[],
  { when }: { when?: string } = {},
): Required<Pick<Difference, 'fix' | 'repairs'>> {
  const commands = repairs.map(repairCommand).join(' && ');
  return { fix: when === undefined ? commands : `${when}: ${commands}`, repairs };
}

/** What a person types to have all put right that a program can put right of a local day. */
export const fixCommand = (dataset: string, day: string): string =>
  `npm run caudal -- reconcile --fix --dataset ${dataset} --from ${day} --to ${day}`;

/** What a person types to have the objects of these UTC days ingested again. */
export const replayCommand = (from: string, to: string): string =>
  `npm run caudal -- replay --from ${from} --to ${to}`;

/** What a person types to have the readings of a file count no longer, or only those that its newest version lacks. */
export const withdrawCommand = (key: string, { vanished = false } = {}): string =>
  `npm run caudal -- withdraw --key ${shellWord(key)}${vanished ? ' --vanished' : ''}`;

/** What a person types to remove one item. */
const deleteItemCommand = (table: string, { pk, sk }: ItemKey): string =>
  `aws dynamodb delete-item --table-name ${table} --key ${shellWord(JSON.stringify({ pk: { S: pk }, sk: { S: sk } }))}`;

/** What a person types to remove one object. */
const deleteObjectCommand = (bucket: string, key: string): string =>
  `aws s3 rm ${shellWord(`s3://${bucket}/${key}`)}`;

/** Characters of a value: a state may have hundreds of thousands. */
const maxShown = 200;

/** In words, the first value in which stored statistics are unlike those that follow from the readings. */
export function statisticsDifference(
  stored: PeriodStatistics,
  computed: PeriodStatistics,
): string | undefined {
  const is = values(stored);
  const should = values(computed);
  const names = [...new Set([...should.keys(), ...is.keys()])];
  const unlike = names.filter((name) => is.get(name) !== should.get(name));
  const [first] = unlike;
  if (first === undefined) return undefined;
  const shown = (from: Map<string, number | string>, none: string) => {
    const value = String(from.get(first) ?? none);
    return value.length > maxShown ? `${value.slice(0, maxShown)}…` : value;
  };
  const more = unlike.length > 1 ? `, and ${unlike.length - 1} more values differ` : '';
  return `${first} is ${shown(is, 'missing')} where the readings give ${shown(should, 'none')}${more}`;
}

/** Each value by a name such as `temperature.mean`. Sums may differ where mean and standard deviation do not, and come last. */
function values({
  count,
  contested,
  measures,
  alerts,
  counts = {},
  states = {},
}: PeriodStatistics): Map<string, number | string> {
  const found = new Map<string, number | string>([
    ['count', count],
    ['contested', contested],
  ]);
  const measured = Object.entries(measures).map(([name, of]) => {
    const { sums, ...exact } = of;
    const shown = { ...exact, mean: mean(of), standardDeviation: standardDeviation(of) };
    return [name, { ...shown, sums: sumsText(sums) }] as const;
  });
  for (const [name, of] of [...measured, ...Object.entries(alerts)]) {
    for (const [field, value] of Object.entries(of)) found.set(`${name}.${field}`, value);
  }
  for (const [name, of] of Object.entries(counts))
    for (const [text, events] of Object.entries(of)) found.set(`${name}.${text}`, events);
  for (const [name, text] of Object.entries(states)) found.set(`the state of ${name}`, text);
  return found;
}

const sumsText = ({ exponent, sum, squares }: ExactSums): string =>
  `${sum} × 2^${exponent} and of squares ${squares} × 2^${2 * exponent}`;
