import { dataFiles, type ReportFile } from '../../core/report/data-files.ts';
import { bySubject, indexPage, reportPage, type SectionRows } from '../../core/report/report-page.ts';
import type { ReportPeriod } from '../../core/report/report-period.ts';
import { reportPagePath } from '../../ports/keys.ts';

/** Which report: of whom its rows are is in the column `entity`. */
export interface ReportOf {
  readonly dataset: string;
  readonly entity: string;
  readonly period: ReportPeriod;
}

/** Media type of pages. */
export const html = 'text/html; charset=utf-8';

/** The page of one salon, or of whomever the rows are about. */
export const pageFile = (of: ReportOf, subject: string, sections: readonly SectionRows[]): ReportFile => ({
  path: reportPagePath(subject),
  contentType: html,
  bytes: Buffer.from(reportPage({ ...of, subject }, sections)),
});

/** All files of a report: a page for each subject, the data of all, and last the page that leads to them. Equal rows, equal bytes. */
export function reportFiles(
  of: ReportOf,
  subjects: readonly string[],
  sections: readonly SectionRows[],
): ReportFile[] {
  const ownSections = bySubject(sections);
  const pages = subjects.map((subject) => ({ subject, file: pageFile(of, subject, ownSections(subject)) }));
  const data = dataFiles(sections);
  const index = indexPage(of, {
    pages: pages.map(({ subject, file }) => ({ text: subject, path: file.path })),
    files: data.map(({ path }) => ({ text: path, path })),
  });
  return [
    ...pages.map(({ file }) => file),
    ...data,
    { path: 'index.html', contentType: html, bytes: Buffer.from(index) },
  ];
}
