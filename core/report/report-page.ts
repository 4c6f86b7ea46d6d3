import { type Cell, isNumeric, type QueryResult, type ResultColumn } from '../lake/query-result.ts';
import { type Bars, barChart, escaped, gridChart, numberIn, shownNumber } from './charts.ts';
import type { ReportSection } from './report-file.ts';
import type { ReportPeriod } from './report-period.ts';

/** What the statement of a section answered, of everybody. */
export interface SectionRows {
  readonly section: ReportSection;
  /** The first says whom a row is about. */
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Reads what a statement answered to its end. */
export async function rowsOfSection(
  section: ReportSection,
  { columns, pages }: QueryResult,
): Promise<SectionRows> {
  const rows: (readonly Cell[])[] = [];
  for await (const page of pages) rows.push(...page);
  return { section, columns, rows };
}

const isWhole = (name: string): boolean => /^\d{1,15}$/.test(name);

/** Of whom the rows are, each once: numbers by size, then texts. */
export function subjectsOf(sections: readonly SectionRows[]): string[] {
  const names = new Set(sections.flatMap(({ rows }) => rows.map(([subject]) => String(subject ?? ''))));
  const [whole, others] = [[...names].filter(isWhole), [...names].filter((name) => !isWhole(name))];
  return [...whole.sort((a, b) => Number(a) - Number(b)), ...others.sort()];
}

/** The sections with the rows of one alone, whoever it is: each row is looked at once for all of them. */
export function bySubject(sections: readonly SectionRows[]): (subject: string) => SectionRows[] {
  const grouped = sections.map(({ rows }) => Map.groupBy(rows, ([subject]) => String(subject ?? '')));
  return (subject) => sections.map((section, at) => ({ ...section, rows: grouped[at]?.get(subject) ?? [] }));
}

/** `came_back_percent` is “came back, %”. */
const titleOf = (name: string): string => name.replace(/_percent$/, ', %').replaceAll('_', ' ');

/** One page, to be shown and printed: no script, nothing from elsewhere. */
export function reportPage(
  {
    dataset,
    entity,
    subject,
    period,
  }: { dataset: string; entity: string; subject: string; period: ReportPeriod },
  sections: readonly SectionRows[],
): string {
  const heading = `${titleOf(entity.replace(/_id$/, ''))} ${subject}`;
  const parts = sections.map(({ section, columns, rows }) => {
    const own = rows.filter(([of]) => String(of ?? '') === subject).map((row) => row.slice(1));
    const drawn =
      own.length === 0
        ? `<p class="none">Nothing in this ${period.kind}.</p>`
        : draw(section, columns.slice(1), own, period);
    return `<section><h2>${escaped(section.title)}</h2>${drawn}</section>`;
  });
  return pageOf(
    `${heading}, ${period.title}`,
    `<h1>${escaped(heading)}</h1><p class="of">${escaped(period.title)} · ${escaped(dataset)}</p>${parts.join('\n')}`,
  );
}

/** A link to a page or file of a report. */
export interface ReportLink {
  readonly text: string;
  /** Relative to the page that has the link, or an address. */
  readonly path: string;
}

/**
 * The page that leads to the others.
 * @param links `pages`, by whom they are about; `files`, by their names; `note`, what is to be said of them
 */
export function indexPage(
  { dataset, period }: { dataset: string; period: ReportPeriod },
  links: {
    readonly pages: readonly ReportLink[];
    readonly files: readonly ReportLink[];
    readonly note?: string;
  },
): string {
  const shownLink = ({ text, path }: ReportLink): string => `<a href="${escaped(path)}">${escaped(text)}</a>`;
  const note = links.note === undefined ? '' : `<p class="of">${escaped(links.note)}</p>`;
  return pageOf(
    `${dataset}, ${period.title}`,
    `<h1>${escaped(dataset)}</h1><p class="of">${escaped(period.title)}</p>${note}<ul class="pages">${links.pages.map((page) => `<li>${shownLink(page)}</li>`).join('')}</ul><p class="of">${links.files.map(shownLink).join(' · ')}</p>`,
  );
}

function draw(
  { kind, title }: ReportSection,
  columns: readonly ResultColumn[],
  rows: readonly (readonly Cell[])[],
  period: ReportPeriod,
): string {
  switch (kind) {
    case 'numbers':
      return tiles(columns, rows[0] ?? []);
    case 'table':
      return table(columns, rows);
    case 'grid':
      return grid(title, rows);
    case 'days':
      return barChart(
        title,
        bars(columns, rows, period.days, (day) =>
          period.kind === 'month' ? String(Number(day.slice(8))) : day.slice(5),
        ),
      );
    case 'months':
      return barChart(
        title,
        bars(columns, rows, period.months, (day) => day.slice(0, 7)),
      );
    case 'bars':
      return barChart(
        title,
        bars(
          columns,
          rows,
          rows.map(([label]) => String(label ?? '')),
          (label) => label,
        ),
      );
  }
}

const shown = (cell: Cell | undefined): string =>
  typeof cell === 'number' ? shownNumber(cell) : cell === null || cell === undefined ? '–' : String(cell);

const tiles = (columns: readonly ResultColumn[], row: readonly Cell[]): string =>
  `<dl class="tiles">${columns.map(({ name }, at) => `<div><dt>${escaped(titleOf(name))}</dt><dd>${escaped(shown(row[at]))}</dd></div>`).join('')}</dl>`;

function table(columns: readonly ResultColumn[], rows: readonly (readonly Cell[])[]): string {
  const sides = columns.map((column) => (isNumeric(column) ? ' class="number"' : ''));
  const head = columns.map(({ name }, at) => `<th${sides[at]}>${escaped(titleOf(name))}</th>`).join('');
  const body = rows.map(
    (row) => `<tr>${columns.map((_, at) => `<td${sides[at]}>${escaped(shown(row[at]))}</td>`).join('')}</tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

/** Bars of labels in their order, those too of which there is no row. */
function bars(
  columns: readonly ResultColumn[],
  rows: readonly (readonly Cell[])[],
  labels: readonly string[],
  show: (label: string) => string,
): Bars {
  const byLabel = new Map(rows.map((row) => [String(row[0] ?? '').slice(0, 60), row]));
  const series = columns.slice(1).map(({ name }, at) => ({
    name: titleOf(name),
    values: labels.map((label) => numberIn(byLabel.get(label.slice(0, 60))?.[at + 1])),
  }));
  return { labels: labels.map(show), series };
}

/** Rows in the order in which they come; columns that are whole numbers from the first to the last, others as they come. */
function grid(title: string, rows: readonly (readonly Cell[])[]): string {
  const values = new Map(rows.map(([row, column, value]) => [`${row}\n${column}`, numberIn(value)]));
  const texts = [...new Set(rows.map(([, column]) => String(column)))];
  const whole = texts.map(Number);
  const [least, most] = [Math.min(...whole), Math.max(...whole)];
  const columns =
    whole.every(Number.isSafeInteger) && most - least <= 100
      ? Array.from({ length: most - least + 1 }, (_, index) => String(least + index))
      : texts;
  return gridChart(title, {
    rows: [...new Set(rows.map(([row]) => String(row)))],
    columns,
    valueAt: (row, column) => values.get(`${row}\n${column}`) ?? 0,
  });
}

const style = `:root{--ink:#1b2a33;--soft:#5d6f7a;--line:#dde5ea;--s0:#0b6e8f;--s1:#d9822b;--s2:#5b8c5a;--s3:#8a5aa8}
body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);margin:2rem auto;max-width:46rem;padding:0 1rem}
h1{margin:0;font-size:1.7rem}h1::first-letter{text-transform:uppercase}h2{font-size:1rem;margin:1.6rem 0 .5rem}
.of,.none,.legend{color:var(--soft);margin:.2rem 0}section{break-inside:avoid}svg{width:100%;height:auto}
.legend svg{width:10px}.key{margin-right:1rem}.line{stroke:var(--line)}.tick{font-size:11px;fill:var(--soft)}.on{font-size:11px;fill:#fff}
.s0{fill:var(--s0)}.s1{fill:var(--s1)}.s2{fill:var(--s2)}.s3{fill:var(--s3)}
.tiles{display:flex;flex-wrap:wrap;gap:.6rem;margin:0}.tiles div{flex:1 1 6rem;border:1px solid var(--line);border-radius:6px;padding:.5rem .7rem}
dt{color:var(--soft);font-size:.8rem}dd{margin:0;font-size:1.35rem;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:500}
.number{text-align:right;font-variant-numeric:tabular-nums}.pages{columns:3}
@media print{body{margin:0;max-width:none}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`;

const pageOf = (title: string, body: string): string =>
  `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title><style>${style}</style></head>
<body>${body}</body></html>
`;
