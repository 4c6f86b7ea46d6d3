import { countOf, formatCount } from '../../cli/format.ts';
import { renderTable } from '../../cli/table.ts';
import { shellWord } from '../../core/shell-word.ts';
import { mean, type PeriodStatistics } from '../../core/statistics/statistics.ts';
import type { DatasetChanges } from '../../handlers/operations/withdraw/changes.ts';
import type { MonthEffect } from '../../handlers/operations/withdraw/effects.ts';
import { readingText } from '../explain/explain-page.ts';

/** More months than this are counted. */
const shownMonths = 40;

/** What would change, before it does. */
export function effectsPage(
  all: readonly DatasetChanges[],
  effects: readonly MonthEffect[],
  { undo }: { undo: boolean },
): string {
  const changes = all.flatMap((of) => of.changes);
  const withdrawn = changes.filter(({ kind }) => kind === 'withdraw').length;
  const restored = changes.length - withdrawn;
  const contested = undo ? 0 : changes.filter(({ stored }) => stored.contested).length;
  const held = all.reduce((sum, of) => sum + (of.held ?? 0), 0);
  const withoutValues = all.reduce((sum, of) => sum + of.withoutValues, 0);
  const [first] = all.flatMap(({ dataset, changes: of }) =>
    of.slice(0, 1).map(({ reading }) => ({ dataset, reading })),
  );
  const one =
    first !== undefined && changes.length === 1
      ? `, at ${new Date(first.reading.timestampMs).toISOString()}: ${readingText(first.dataset, { ...first.reading, withdrawn: false })}`
      : '';
  const lines = [
    ...(withdrawn > 0 ? [`withdraws    ${countOf(withdrawn, 'reading')}${one}`] : []),
    ...(contested > 0
      ? [
          `of them      ${countOf(contested, 'reading')} that ${contested === 1 ? 'is' : 'are'} contested: this ends that, and --undo brings back the version that counts now. The others: npm run caudal -- explain`,
        ]
      : []),
    ...(restored > 0 ? [`brings back  ${countOf(restored, 'reading')}${one}`] : []),
    ...(withoutValues > 0
      ? [
          `leaves       ${countOf(withoutValues, 'reading')} that ${withoutValues === 1 ? 'was' : 'were'} withdrawn without values: send ${withoutValues === 1 ? 'it' : 'them'} again to bring ${withoutValues === 1 ? 'it' : 'them'} back`,
        ]
      : []),
    ...rejectedLines(all.flatMap((of) => of.rejected)),
    ...(held > 0 ? [`leaves       ${countOf(held, 'reading')} that other objects hold too`] : []),
    ...all.flatMap(({ older }) => (older === undefined ? [] : olderLines(older))),
  ];
  if (changes.length === 0) {
    const unchanged = all.reduce((sum, of) => sum + of.unchanged, 0);
    const [is, are] = unchanged === 1 ? ['it', 'is'] : [`all ${formatCount(unchanged)}`, 'are'];
    const already = undo ? `${is} ${are} not withdrawn` : `${is} ${are} withdrawn already`;
    const why = unchanged > 0 ? `: ${already}` : lines.length > 0 ? '' : ': there is no such reading';
    return [...lines, `Nothing changes${why}.`].join('\n');
  }
  const rows = effects.slice(0, shownMonths).flatMap(({ dataset, sensorId, month, before, after }) => [
    [dataset.name, sensorId, month, '', countChange(before.count, after.count), '', ''],
    ...dataset.measureNames.flatMap((name) => {
      const cells = measureCells(name, before, after);
      return cells === undefined ? [] : [['', '', '', ...cells]];
    }),
  ]);
  const more =
    effects.length > shownMonths ? [`… and ${formatCount(effects.length - shownMonths)} more months`] : [];
  const columns = ['dataset', 'sensor', 'month', 'measure', 'readings', 'mean', 'maximum'].map((title) => ({
    title,
  }));
  return [...lines, '', renderTable(columns, rows), ...more].join('\n');
}

/** One line a reason, with the detail of the first reading that it holds for. */
function rejectedLines(rejected: DatasetChanges['rejected']): string[] {
  return [...Map.groupBy(rejected, ({ reason }) => reason)].map(
    ([reason, all]) =>
      `leaves       ${countOf(all.length, 'reading')} as ${all.length === 1 ? 'it is' : 'they are'}, since what would be stored is rejected as ${reason}: ${all[0]?.detail}`,
  );
}

/** What the file has not as it is read today. */
function olderLines({ changes, doubtful, untold }: NonNullable<DatasetChanges['older']>): string[] {
  const bySeries = 'withdraw them by --dataset and --sensor if they are wrong';
  return [
    ...(changes === 0
      ? []
      : [
          `of them      ${countOf(changes, 'reading')} that other rules took of the file. As it is read today it does not have them: --undo of the file will not bring them back`,
        ]),
    ...[...doubtful].map(
      ([key, count]) =>
        `leaves       ${countOf(count, 'reading')} that other rules took of the file, or of ${shellWord(key)}, uploaded in the same second; ${bySeries}`,
    ),
    ...(untold === 0
      ? []
      : [
          `leaves       ${countOf(untold, 'reading')} that other rules took of the file, as its ledger counts; what came by the stream can't be told from others, ${bySeries}`,
        ]),
  ];
}

function measureCells(name: string, before: PeriodStatistics, after: PeriodStatistics): string[] | undefined {
  const [was, is] = [before.measures[name], after.measures[name]];
  if (was === undefined && is === undefined) return undefined;
  const shown = (value: number | undefined) =>
    value === undefined ? 'none' : String(Number(value.toPrecision(7)));
  const change = (a: number | undefined, b: number | undefined) =>
    shown(a) === shown(b) ? shown(a) : `${shown(a)} → ${shown(b)}`;
  return [
    name,
    countChange(was?.count ?? 0, is?.count ?? 0),
    change(was && mean(was), is && mean(is)),
    change(was?.max, is?.max),
  ];
}

const countChange = (before: number, after: number): string =>
  before === after ? formatCount(before) : `${formatCount(before)} → ${formatCount(after)}`;
