import { countOf, formatCount } from '../../cli/format.ts';
import { oneLine } from '../../cli/print.ts';
import { renderTable } from '../../cli/table.ts';
import { type Difference, repairCommand, withdrawCommand } from '../shared/differences.ts';
import type { RepairPlan } from './apply-repairs.ts';
import type { StoresComparison } from './compare-stores.ts';
import type { LineCounts, ReconciledDay, Reconciliation } from './reconcile.ts';

/** Differences that are shown one by one; the rest is counted, and all are in --json. */
const shownDifferences = 50;
/** More days than this are shown as months, unless all are asked for. */
const shownDays = 31;

/** What a reconciliation found, the sums first, what to do last. */
export function reconciliationPage(
  result: Reconciliation,
  { scope, everyDay }: { scope: string; everyDay: boolean },
): string {
  const outside = result.outside > 0 ? ` + ${formatCount(result.outside)} outside of it` : '';
  return [
    `${scope}, from the bytes of ${countOf(result.objects, 'raw object')}`,
    '',
    `lines        ${equation(result)}${outside}`,
    `compared     ${countOf(result.objects, 'ledger')}, ${countOf(result.partitions, 'partition')}, ${formatCount(result.seriesDays)} days and ${formatCount(result.seriesMonths)} months of series`,
    ...refusedLines(result),
    '',
    arrivalsTable(result, everyDay),
    '',
    daysTable(result.days, everyDay),
    '',
    ...vanishedLines(result.vanished),
    verdict(result.differences),
  ].join('\n');
}

/** What the lines are, as a sum; without superseded and contested ones which most installations have none of. */
export function equation(of: LineCounts & { readonly lines: number; readonly rejected: number }): string {
  const parts = (['rejected', 'distinct', 'repeated', 'superseded', 'contested'] as const).filter(
    (part, index) => index < 3 || of[part] > 0,
  );
  return `${formatCount(of.lines)} = ${parts.map((part) => `${formatCount(of[part])} ${part}`).join(' + ')}`;
}

/** Files that are outside of the sums. */
function refusedLines({ refused }: Reconciliation): string[] {
  if (refused.length === 0) return [];
  const shown = refused
    .slice(0, shownDifferences)
    .map(({ key, refusal }) => `  ${oneLine(key)}: ${refusal.reason}`);
  const more =
    refused.length > shown.length ? [`  … and ${formatCount(refused.length - shown.length)} more`] : [];
  return [
    `refused      ${countOf(refused.length, 'file')}, of which nothing is taken: npm run caudal -- rejects`,
    ...shown,
    ...more,
  ];
}

/** The same for the stores alone. */
export function storesPage(result: StoresComparison, scope: string): string {
  return [
    `${scope}, the stores with each other`,
    '',
    `ledgers      ${countOf(result.objects, 'object')}: ${formatCount(result.lines)} lines = ${formatCount(result.rejected)} rejected + ${formatCount(result.valid)} valid`,
    `partitions   ${formatCount(result.partitions)}, ${formatCount(result.readings)} readings`,
    `compared     ${formatCount(result.seriesDays)} days and ${formatCount(result.seriesMonths)} months of series`,
    '',
    verdict(result.differences),
  ].join('\n');
}

function arrivalsTable({ arrivals }: Reconciliation, everyDay: boolean): string {
  if (arrivals.size === 0) return 'There is no raw object.';
  const sums = new Map<string, { objects: number; lines: number; rejected: number; valid: number }>();
  for (const [day, of] of arrivals) {
    const period = everyDay || arrivals.size <= shownDays ? day : day.slice(0, 7);
    const sum = sums.get(period) ?? { objects: 0, lines: 0, rejected: 0, valid: 0 };
    sums.set(period, {
      objects: sum.objects + of.objects,
      lines: sum.lines + of.lines,
      rejected: sum.rejected + of.rejected,
      valid: sum.valid + of.valid,
    });
  }
  return renderTable(
    [
      { title: 'arrived (UTC)' },
      { title: 'objects', align: 'right' },
      { title: 'lines', align: 'right' },
      { title: 'rejected', align: 'right' },
      { title: 'valid', align: 'right' },
    ],
    [...sums].map(([period, { objects, lines, rejected, valid }]) => [
      period,
      ...[objects, lines, rejected, valid].map(formatCount),
    ]),
  );
}

function daysTable(days: readonly ReconciledDay[], everyDay: boolean): string {
  if (days.length === 0) return 'There is no reading.';
  const sums = new Map<string, Omit<ReconciledDay, 'day'> & { period: string }>();
  for (const { dataset, day, ...counts } of days) {
    const period = everyDay || days.length <= shownDays ? day : day.slice(0, 7);
    const key = `${dataset} ${period}`;
    const sum = sums.get(key);
    sums.set(key, { dataset, period, ...(sum === undefined ? counts : added(sum, counts)) });
  }
  return renderTable(
    [
      { title: 'dataset' },
      { title: everyDay || days.length <= shownDays ? 'local day' : 'month (--days: by day)' },
      { title: 'valid lines', align: 'right' },
      { title: 'distinct', align: 'right' },
      { title: 'repeated', align: 'right' },
      { title: 'superseded', align: 'right' },
      { title: 'contested', align: 'right' },
      { title: 'stores' },
    ],
    [...sums.values()].map(({ dataset, period, lines, distinct, differences, ...lost }) => [
      dataset,
      period,
      ...[lines, distinct, lost.repeated, lost.superseded, lost.contested].map(formatCount),
      differences === 0 ? 'agree' : `${formatCount(differences)} differ`,
    ]),
  );
}

/** Not a difference: whoever overwrites a file may mean the rows that it no longer has to stay. */
function vanishedLines(files: Reconciliation['vanished']): string[] {
  const lines = files.flatMap(({ key, readings }) => [
    `  ${oneLine(key)}: ${countOf(readings, 'reading')}`,
    `    to withdraw: ${withdrawCommand(key, { vanished: true })}`,
  ]);
  return lines.length === 0
    ? []
    : [
        'Readings of older versions of files, which count though the newest version lacks them:',
        ...lines,
        '',
      ];
}

type DayCounts = Omit<ReconciledDay, 'dataset' | 'day'>;

const added = (a: DayCounts, b: DayCounts): DayCounts => ({
  lines: a.lines + b.lines,
  distinct: a.distinct + b.distinct,
  repeated: a.repeated + b.repeated,
  superseded: a.superseded + b.superseded,
  contested: a.contested + b.contested,
  differences: a.differences + b.differences,
});

function verdict(differences: readonly Difference[]): string {
  if (differences.length === 0) return '✓ everything agrees';
  const lines = differences
    .slice(0, shownDifferences)
    .flatMap(({ name, what, fix }) => [`  ${oneLine(name)}`, `    ${what}`, `    fix: ${fix}`]);
  const more =
    differences.length > shownDifferences
      ? [`  … and ${formatCount(differences.length - shownDifferences)} more: --json lists them all`]
      : [];
  const things =
    differences.length === 1 ? '1 thing differs' : `${formatCount(differences.length)} things differ`;
  return [`✗ ${things}`, ...lines, ...more].join('\n');
}

/** Steps that are shown one by one. */
const shownSteps = 50;

/** What `--fix` does, in its order. */
export function planPage({ removals, replays, undecided }: RepairPlan): string {
  const steps = [...removals, ...replays];
  const lines = steps.slice(0, shownSteps).map((step) => `  ${repairCommand(step)}`);
  const more = steps.length > shownSteps ? [`  … and ${formatCount(steps.length - shownSteps)} more`] : [];
  const left =
    undecided.length === 0 ? [] : [`${countOf(undecided.length, 'difference')} left to you, as said above`];
  if (steps.length === 0) return ['There is nothing that a program can fix.', ...left].join('\n');
  return [
    `to do        ${countOf(removals.length, 'removal')} and ${countOf(replays.length, 'replay')}`,
    ...lines,
    ...more,
    ...left,
  ].join('\n');
}
