import { expect, test } from 'vitest';
import type { Cell, ResultColumn } from '../lake/query-result.ts';
import { barChart, niceStep } from './charts.ts';
import { ReportRefused, type ReportSection, readReport } from './report-file.ts';
import { indexPage, reportPage, type SectionRows, subjectsOf } from './report-page.ts';

const file = `with shared as (select 1)
-- a remark
-- @numbers totals: All of it
select * from x where day >= :month and note <> ':months'
-- @bars by-kind: By kind
select 2
`;

test('sections have the shared beginning and the month, as a date', () => {
  const [totals, kinds] = readReport(file, '2026-05');
  expect(totals).toMatchObject({ kind: 'numbers', name: 'totals', title: 'All of it' });
  expect(totals?.statement).toBe(
    "with shared as (select 1)\n-- a remark\nselect * from x where day >= date '2026-05-01' and note <> ':months'",
  );
  expect(kinds).toMatchObject({ kind: 'bars', name: 'by-kind' });
});

test.each([
  ['select 1', '2026-05', 'it has no section'],
  ['-- @pie a: A\nselect 1', '2026-05', 'line 1 is "-- @pie a: A"; accepted: -- @kind name: Title'],
  ['\n-- @bars ../a: A\nselect 1', '2026-05', 'line 2'],
  ['-- @bars a: A\nselect 1\n-- @bars a: B\nselect 1', '2026-05', 'there is a section a already'],
  ['-- @bars a: A\n\n-- @bars b: B\nselect 1', '2026-05', 'the section a has no statement'],
  [file, "2026-05' or 1=1", 'is no month'],
])('%j for %s is refused: %s', (text, month, why) => {
  expect(() => readReport(text, month)).toThrow(ReportRefused);
  expect(() => readReport(text, month)).toThrow(why);
});

const columns = (...names: [string, string][]): ResultColumn[] =>
  names.map(([name, type]) => ({ name, type }));
const section = (kind: ReportSection['kind'], of: ResultColumn[], rows: Cell[][]): SectionRows => ({
  section: { kind, name: kind, title: `Title of ${kind}`, statement: '' },
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
const of = { dataset: 'salon-bookings', entity: 'salon_id', month: '2026-05' };

test('a page has no script and nothing from elsewhere, whatever the data say, and only rows of its own', () => {
  const page = reportPage({ ...of, subject: evil }, sections(evil));
  const index = indexPage(of, [{ subject: evil, path: 'pages/a.html' }], ['totals.csv']);
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
