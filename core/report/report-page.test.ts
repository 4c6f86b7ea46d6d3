import { expect, test } from 'vitest';
import type { Cell, ResultColumn } from '../lake/query-result.ts';
import { barChart, niceStep } from './charts.ts';
import { ReportRefused, type ReportSection, readReport } from './report-file.ts';
import { bySubject, indexPage, reportPage, type SectionRows, subjectsOf } from './report-page.ts';
import { type ReportPeriod, reportPeriod } from './report-period.ts';

const may = reportPeriod('2026-05') as ReportPeriod;
const year = reportPeriod('2026') as ReportPeriod;
const ofMay = { period: may, entity: 'shop_id' };

const file = `with shared as (select 1)
-- a remark
-- @numbers totals: All of it
select * from x where day >= :month and note <> ':months'
-- @bars by-kind: By kind
select 2
`;

test('sections have the shared beginning and the month, as a date', () => {
  const [totals, kinds] = readReport(file, ofMay).sections;
  expect(totals).toMatchObject({ kind: 'numbers', name: 'totals', title: 'All of it' });
  expect(totals?.statement).toBe(
    "with shared as (select 1)\n-- a remark\nselect * from x where day >= date '2026-05-01' and note <> ':months'",
  );
  expect(kinds).toMatchObject({ kind: 'bars', name: 'by-kind' });
});

test.each([
  ['select 1', may, 'it has no section'],
  [
    '-- @pie a: A\nselect 1',
    may,
    'line 1 is "-- @pie a: A"; accepted: -- @with name, and -- @kind name: Title',
  ],
  ['\n-- @bars ../a: A\nselect 1', may, 'line 2'],
  ['-- @with a-b\nselect 1', may, 'line 1'],
  ['-- @bars a: A\nselect 1\n-- @bars a: B\nselect 1', may, 'there is a section a already'],
  ['-- @with a\nselect 1\n-- @with a\nselect 1', may, 'there is a relation a already'],
  ['-- @bars a: A\nselect 1\n-- @with b\nselect 1', may, 'line 3: relations come before the sections'],
  ['-- @bars a: A\n\n-- @bars b: B\nselect 1', may, 'the section a has no statement'],
  ['-- @with a\n-- nothing\n-- @bars b: B\nselect 1', may, 'the relation a has no statement'],
  ['with b as (select 1)\n-- @with a\nselect 1\n-- @bars b: B\nselect 1', may, 'before the first heading'],
  [
    '-- @with a\nselect 1\n-- @bars b: B\nwith c as (select 1) select 1',
    may,
    'the section b begins with WITH',
  ],
  ['-- @bars a: A\nselect :month', year, 'say :start, :end and :before instead'],
])('%j is refused: %#', (text, period, why) => {
  const read = () => readReport(text, { period, entity: 'shop_id' });
  expect(read).toThrow(ReportRefused);
  expect(read).toThrow(why);
});

const related = `-- Remarks: :wanted
-- @with some
select * from x where :wanted and day >= :before and day < :end;
-- @with few
select * from some
-- @bars kinds: By kind
select 2 from few where day >= :start
`;

test('what sections share stands before each of them, or is there once: of all, or of the one that is asked for', () => {
  const subject = "o'clock";
  const { relations, sections } = readReport(related, { period: year, entity: 'shop_id', subject });
  expect(relations).toEqual([
    {
      name: 'some',
      statement:
        "select * from x where shop_id = 'o''clock' and day >= date '2025-01-01' and day < date '2027-01-01'",
    },
    { name: 'few', statement: 'select * from some' },
  ]);
  expect(sections.map(({ own }) => own)).toEqual(["select 2 from few where day >= date '2026-01-01'"]);
  expect(sections.map(({ statement }) => statement)).toEqual([
    `with some as (\n${relations[0]?.statement}\n),\nfew as (\nselect * from some\n)\n${sections[0]?.own}`,
  ]);
  expect(readReport(related, ofMay).relations[0]?.statement).toContain('where true and');
});

test('a period has its days, and the twelve months up to its end', () => {
  expect(may).toMatchObject({
    start: '2026-05-01',
    end: '2026-06-01',
    before: '2026-04-01',
    title: 'May 2026',
  });
  expect([may.days.length, may.months[0], may.months[11]]).toEqual([31, '2025-06-01', '2026-05-01']);
  expect(year).toMatchObject({ start: '2026-01-01', end: '2027-01-01', before: '2025-01-01', title: '2026' });
  expect([year.days.length, year.months[0], year.months[11]]).toEqual([365, '2026-01-01', '2026-12-01']);
  expect(reportPeriod('2024')?.days).toHaveLength(366);
  for (const none of ["2026-05' or 1=1", '2026-13', '26', '', '2026-05-01'])
    expect(reportPeriod(none)).toBeUndefined();
});

const columns = (...names: [string, string][]): ResultColumn[] =>
  names.map(([name, type]) => ({ name, type }));
const section = (kind: ReportSection['kind'], of: ResultColumn[], rows: Cell[][]): SectionRows => ({
  section: { kind, name: kind, title: `Title of ${kind}`, statement: '', own: '' },
  columns: of,
  rows,
});
const salon: [string, string] = ['salon_id', 'VARCHAR'];
const evil = `<script>alert("1")</script>&'`;
const sections = (text: string): SectionRows[] => [
  section('numbers', columns(salon, ['came_back_percent', 'DOUBLE']), [[text, 12.5]]),
  section('days', columns(salon, ['day', 'DATE'], [text, 'BIGINT']), [[text, '2026-05-02', 3]]),
  section('months', columns(salon, ['month', 'DATE'], ['kept', 'BIGINT']), [[text, '2026-02-01', 3]]),
  section('bars', columns(salon, ['kind', 'VARCHAR'], ['n', 'BIGINT']), [[text, text, 3]]),
  section('grid', columns(salon, ['row', 'VARCHAR'], ['hour', 'BIGINT'], ['n', 'BIGINT']), [
    [text, text, 8, 1],
    [text, text, 11, 4],
  ]),
  section('table', columns(salon, ['who', 'VARCHAR'], ['n', 'BIGINT']), [
    [text, text, 1],
    ['other', 'not shown', 9],
  ]),
];
const of = { dataset: 'salon-bookings', entity: 'salon_id', period: may };

test('a page has no script and nothing from elsewhere, whatever the data say, and only rows of its own', () => {
  const page = reportPage({ ...of, subject: evil }, sections(evil));
  const index = indexPage(of, {
    pages: [{ text: evil, path: 'pages/a.html' }],
    files: [{ text: 'totals.csv', path: 'totals.csv' }],
    note: evil,
  });
  for (const html of [page, index]) {
    expect(html).not.toMatch(/<script|javascript:|https?:|<img|<link|\bon\w+=/i);
    expect(html).toContain("default-src 'none'");
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;');
  }
  expect(page).not.toContain('not shown');
  expect(page).toContain('came back, %');
  expect(page).toContain('May 2026');
});

test('days and months without rows are there, as are hours between', () => {
  const page = reportPage({ ...of, subject: '7' }, sections('7'));
  for (const label of ['2025-06', '2026-03', '2026-04', '2026-05', '>31<', '>9<', '>10<'])
    expect(page).toContain(label);
  expect(subjectsOf(sections('7'))).toEqual(['7', 'other']);
  const own = bySubject(sections('7'))('7');
  expect(reportPage({ ...of, subject: '7' }, own)).toBe(page);
  const ofYear = reportPage({ ...of, subject: '7', period: year }, sections('7'));
  for (const label of ['2026-01', '2026-12', '>01-01<', '2026 · salon-bookings'])
    expect(ofYear).toContain(label);
  const many = section('table', columns(salon), [['10'], ['b'], ['9'], ['a'], ['9']]);
  expect(subjectsOf([many])).toEqual(['9', '10', 'a', 'b']);
});

test('bars lie on one another within the scale', () => {
  expect([0, 0.3, 1, 3, 7, 90].map(niceStep)).toEqual([1, 0.5, 1, 5, 10, 100]);
  const svg = barChart('t', {
    labels: ['a'],
    series: [
      { name: 'kept', values: [3] },
      { name: 'cancelled', values: [5] },
    ],
  });
  const [lower, upper] = [...svg.matchAll(/y="([\d.]+)" width="[\d.]+" height="([\d.]+)"><title>/g)].map(
    ([, y, height]) => ({ y: Number(y), height: Number(height) }),
  );
  expect((upper?.y ?? 0) + (upper?.height ?? 0)).toBeCloseTo(lower?.y ?? 0, 1);
  expect(upper?.y).toBeGreaterThanOrEqual(8);
  expect((upper?.height ?? 0) / (lower?.height ?? 1)).toBeCloseTo(5 / 3, 1);
});
