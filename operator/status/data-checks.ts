import { countOf, formatCount } from '../../cli/format.ts';
import type { Check } from '../shared/checks.ts';
import type { LineCounts } from '../shared/recent-objects.ts';
import type { StatusReport } from './status-report.ts';

/** From where on somebody is needed. */
export interface DataBounds {
  /** Share of a dataset's lines, 0 to 1. */
  readonly maxRejected: number;
}

const shownSeries = 10;

/** What is wrong with the data itself, while everything runs. A kind of outcome that lines get is one function, and a line here. */
export function dataChecks(report: StatusReport, bounds: DataBounds): Check[] {
  return [rejected(report, bounds), ...silent(report)];
}

function rejected({ objects: { lines } }: StatusReport, { maxRejected }: DataBounds): Check {
  const sum = (of: 'lastHour' | 'lastDay'): LineCounts => ({
    lines: lines.reduce((total, each) => total + each[of].lines, 0),
    rejected: lines.reduce((total, each) => total + each[of].rejected, 0),
  });
  const isHigh = (counts: LineCounts) => counts.rejected > maxRejected * counts.lines;
  const affected = lines.filter(({ lastDay }) => lastDay.rejected > 0);
  const high = affected.some(({ lastHour, lastDay }) => isHigh(lastHour) || isHigh(lastDay));
  const text = (hour: LineCounts, day: LineCounts) =>
    `last hour ${shareText(hour)}, last day ${shareText(day)}`;
  return {
    name: 'rejected',
    state: high ? 'fail' : 'ok',
    text: [
      text(sum('lastHour'), sum('lastDay')),
      ...affected.map(
        ({ dataset, lastHour, lastDay }) => `${dataset ?? 'no dataset named'}: ${text(lastHour, lastDay)}`,
      ),
    ].join('\n'),
    fix: `above ${percent(maxRejected)} (--max-rejected): npm run caudal -- rejects, which sums them by file and reason`,
  };
}

const shareText = ({ lines, rejected: count }: LineCounts): string =>
  lines === 0 ? 'no lines' : `${formatCount(count)} of ${countOf(lines, 'line')} (${percent(count / lines)})`;

/** `0.3%`; a share that is not 0 is not shown as 0. */
function percent(share: number): string {
  const text = (share * 100).toFixed(1).replace(/\.0$/, '');
  return text === '0' && share > 0 ? 'below 0.1%' : `${text}%`;
}

function silent({ silent: found }: StatusReport): Check[] {
  if (found.length === 0) return [];
  const series = found.flatMap(({ dataset, sensors }) => sensors.map((sensor) => ({ dataset, ...sensor })));
  const more = series.length - shownSeries;
  return [
    {
      name: 'silent',
      state: series.length === 0 ? 'ok' : 'warn',
      text: [
        series.length === 0
          ? 'every series has reported lately'
          : `${formatCount(series.length)} series without a reading for three times as long as they should take:`,
        ...series
          .slice(0, shownSeries)
          .map(({ dataset, sensorId, lastDay }) => `${dataset} ${sensorId}, last on ${lastDay}`),
        ...(more > 0 ? [`… and ${formatCount(more)} more: --json`] : []),
      ].join('\n'),
      fix: 'is the station on, and does what it sends arrive? npm run caudal -- rejects',
    },
  ];
}
