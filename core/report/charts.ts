import type { Cell } from '../lake/query-result.ts';

/*
 * Charts as SVG, without script: text that is printed as it is shown. Colours are those of the page's style sheet, by class.
 */

/** A text inside of HTML, in elements and in attributes. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Bars, each of one or more parts that lie on one another. */
export interface Bars {
  readonly labels: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

const width = 720;
const height = 200;
const left = 44;
const bottom = 24;
const rounded = (value: number): number => Math.round(value * 100) / 100;

/** The least of 1, 2 and 5 times a power of ten that is no less. */
export function niceStep(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((times) => times * power >= value) ?? 10);
}

const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
export const shownNumber = (value: number): string => numbers.format(value);

export function barChart(title: string, { labels, series }: Bars): string {
  const totals = labels.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
  const step = niceStep(Math.max(1, ...totals) / 4);
  const top = step * Math.max(1, Math.ceil(Math.max(0, ...totals) / step));
  const yOf = (value: number): number => rounded(8 + (height - bottom - 8) * (1 - value / top));
  const room = (width - left) / Math.max(1, labels.length);
  const lines = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => {
    const y = yOf(index * step);
    return `<line class="line" x1="${left}" x2="${width}" y1="${y}" y2="${y}"/><text class="tick" x="${left - 6}" y="${y + 4}" text-anchor="end">${shownNumber(index * step)}</text>`;
  });
  const every = Math.ceil(labels.length / 16);
  const bars = labels.map((label, at) => {
    let below = 0;
    const x = rounded(left + at * room + room * 0.12);
    const parts = series.map(({ name, values }, of) => {
      const value = values[at] ?? 0;
      const [from, to] = [yOf(below), yOf(below + value)];
      below += value;
      if (value <= 0) return '';
      const told = escaped(`${label}: ${shownNumber(value)} ${name}`);
      return `<rect class="s${of % 4}" x="${x}" y="${to}" width="${rounded(room * 0.76)}" height="${rounded(from - to)}"><title>${told}</title></rect>`;
    });
    const text =
      at % every === 0
        ? `<text class="tick" x="${rounded(left + (at + 0.5) * room)}" y="${height - 8}" text-anchor="middle">${escaped(label)}</text>`
        : '';
    return parts.join('') + text;
  });
  const legend =
    series.length < 2
      ? ''
      : `<p class="legend">${series.map(({ name }, of) => `<span class="key"><svg width="10" height="10" aria-hidden="true"><rect class="s${of % 4}" width="10" height="10"/></svg> ${escaped(name)}</span>`).join(' ')}</p>`;
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">${lines.join('')}${bars.join('')}</svg>${legend}`;
}

/** Values of rows and columns; darker is more. */
export interface Grid {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly valueAt: (row: string, column: string) => number;
}

export function gridChart(title: string, { rows, columns, valueAt }: Grid): string {
  const cell = { width: (width - left) / Math.max(1, columns.length), height: 24 };
  const most = Math.max(1, ...rows.flatMap((row) => columns.map((column) => valueAt(row, column))));
  const cells = rows.map((row, y) => {
    const top = y * cell.height;
    const name = `<text class="tick" x="${left - 6}" y="${top + 16}" text-anchor="end">${escaped(row)}</text>`;
    const own = columns.map((column, x) => {
      const value = valueAt(row, column);
      const at = rounded(left + x * cell.width);
      const share = value / most;
      const shown =
        value === 0
          ? ''
          : `<text class="${share > 0.55 ? 'on' : 'tick'}" x="${rounded(at + cell.width / 2)}" y="${top + 16}" text-anchor="middle">${shownNumber(value)}</text>`;
      return `<rect class="s0" fill-opacity="${rounded(0.06 + 0.94 * share)}" x="${at}" y="${top}" width="${rounded(cell.width - 2)}" height="${cell.height - 2}"><title>${escaped(`${row} ${column}: ${shownNumber(value)}`)}</title></rect>${shown}`;
    });
    return name + own.join('');
  });
  const feet = columns.map(
    (column, x) =>
      `<text class="tick" x="${rounded(left + (x + 0.5) * cell.width)}" y="${rows.length * cell.height + 14}" text-anchor="middle">${escaped(column)}</text>`,
  );
  const tall = rows.length * cell.height + 20;
  return `<svg viewBox="0 0 ${width} ${tall}" role="img" aria-label="${escaped(title)}">${cells.join('')}${feet.join('')}</svg>`;
}

/** The number in a cell; 0 where there is none. */
export function numberIn(cell: Cell | undefined): number {
  const number = typeof cell === 'number' ? cell : Number(cell ?? 0);
  return Number.isFinite(number) ? number : 0;
}
