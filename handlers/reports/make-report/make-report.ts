import type { Dataset } from '../../../core/dataset/dataset.ts';
import { entityColumn, lakeViews } from '../../../core/lake/lake-views.ts';
import type { ReportFile } from '../../../core/report/data-files.ts';
import { readReport } from '../../../core/report/report-file.ts';
import { indexPage, rowsOfSection, type SectionRows, subjectsOf } from '../../../core/report/report-page.ts';
import type { Clock } from '../../../ports/clock.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import { StoreUnavailable } from '../../../ports/faults.ts';
import {
  reportAnswersKey,
  reportFolder,
  reportKey,
  reportLinksKey,
  reportNoticeKey,
  reportPagePath,
} from '../../../ports/keys.ts';
import {
  addressOf,
  type ConditionalWriter,
  fromJsonBytes,
  type ObjectDescriber,
  type ObjectLocation,
  type ObjectReader,
  type ObjectWriter,
  toJsonBytes,
} from '../../../ports/objects.ts';
import type { NoticePublisher } from '../../../ports/records.ts';
import type { StatementRunner } from '../../../ports/statements.ts';
import type { LinkSigner } from '../../../ports/toons.ts';
import { html, type ReportOf, reportFiles } from '../report-files.ts';
import { sendOnce } from '../send-once.ts';
import { readReportInput } from './input.ts';

export interface MakeReportPorts {
  readonly statements: StatementRunner;
  readonly objects: ObjectReader & ObjectWriter & ObjectDescriber & ConditionalWriter;
  /** Of the reports. */
  readonly bucket: string;
  readonly links: Pick<LinkSigner, 'readLink'>;
  readonly topic: NoticePublisher;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly datasets: readonly Dataset[];
  /** SQL by the name of the dataset. */
  readonly reports: Readonly<Record<string, string>>;
}

export interface Made {
  readonly dataset: string;
  readonly month: string;
  /** Of how many the month's rows are; 0 where there is nothing to report, and no file. */
  readonly pages: number;
  /** Files that this call wrote; the others were there. */
  readonly written: number;
  /** False where an earlier call has told people already. */
  readonly sent: boolean;
}

const writesInFlight = 8;
const json = 'application/json';

/**
 * Makes the report of a month that ended, and tells people once. What the statements answered first is kept, and all files are made of that: a call that
 * comes again, after one that broke off or beside one that runs, adds what is missing and makes nothing twice.
 * @returns a function that throws {ReportRefused} and {StatementRefused} for what a retry does not help, {NoticeBeingSent} and {StoreUnavailable} for what it does
 */
export function createMakeReport(ports: MakeReportPorts): (input: unknown) => Promise<Made> {
  const { objects, bucket, clock } = ports;
  const at = (key: string): ObjectLocation => ({ bucket, key });

  async function answersOf(of: ReportOf, sql: string): Promise<readonly SectionRows[]> {
    const location = at(reportAnswersKey(of.dataset, of.period.name));
    const kept = await objects.read(location);
    if (kept !== undefined) return fromJsonBytes(kept.bytes);
    const found: SectionRows[] = [];
    for (const section of readReport(sql, of).sections)
      found.push(await rowsOfSection(section, await ports.statements.run(section.statement)));
    if (await add(location, toJsonBytes(found), json)) return found;
    const first = await objects.read(location);
    if (first === undefined) throw new StoreUnavailable(`${addressOf(location)} was there, and is not`);
    return fromJsonBytes(first.bytes);
  }

  /** @returns false where it is there already */
  async function add(location: ObjectLocation, bytes: Uint8Array, contentType: string): Promise<boolean> {
    const condition = { kind: 'absent' } as const;
    const outcome = await objects.writeIf({ ...location, bytes, contentType, metadata: {}, condition });
    if (outcome === 'written') return true;
    // Another write that was under way may have failed since.
    if ((await objects.describe(location)) === undefined)
      throw new StoreUnavailable(`${addressOf(location)} is being written by another call`);
    return false;
  }

  /** The page that leads to the others comes last: where it is, they are. */
  async function addFiles(of: ReportOf, files: readonly ReportFile[]): Promise<number> {
    const one = ({ path, bytes, contentType }: ReportFile) =>
      add(at(reportKey(of.dataset, of.period.name, path)), bytes, contentType);
    const written = await mapBounded(files.slice(0, -1), writesInFlight, one);
    for (const index of files.slice(-1)) written.push(await one(index));
    return written.filter((isNew) => isNew).length;
  }

  /** Links within a report lead nowhere where each file has an address of its own: a page of such links does. */
  async function writeLinks(of: ReportOf, subjects: readonly string[], files: readonly ReportFile[]) {
    const linkTo = async (key: string) => ports.links.readLink(at(key));
    const toFile = async (text: string, path: string) => {
      const { url } = await linkTo(reportKey(of.dataset, of.period.name, path));
      return { text, path: url };
    };
    const isData = ({ path }: ReportFile): boolean => !path.endsWith('.html');
    const key = reportLinksKey(of.dataset, of.period.name);
    const { url, expiresAt } = await linkTo(key);
    const page = indexPage(of, {
      pages: await Promise.all(subjects.map((subject) => toFile(subject, reportPagePath(subject)))),
      files: await Promise.all(files.filter(isData).map(({ path }) => toFile(path, path))),
      note: `These links work until ${expiresAt}.`,
    });
    await objects.write({ ...at(key), bytes: Buffer.from(page), contentType: html });
    return { url, expiresAt };
  }

  async function tell(of: ReportOf, subjects: readonly string[], files: readonly ReportFile[]) {
    const { dataset, period } = of;
    const month = period.name;
    const what = `${dataset}, ${period.title}`;
    const attributes = { kind: 'report', dataset, month };
    if (subjects.length === 0) {
      const message = `There is nothing of ${what}: no report was made.`;
      await ports.topic.publish({ subject: `Caudal: no report of ${what}`, message, attributes });
      return;
    }
    const { url, expiresAt } = await writeLinks(of, subjects, files);
    const message = `The report of ${what}, has ${subjects.length === 1 ? 'one page' : `${subjects.length} pages`}:

${url}

Whoever has this address reads the report, until ${expiresAt}. Pass it on to nobody else.

After that, who may read the bucket finds it under
${addressOf(at(`reports/${reportFolder(dataset, month)}/`))}
and this command writes the report again, with what has come since:
npm run caudal -- report ${dataset} --month ${month}
`;
    await ports.topic.publish({ subject: `Caudal: report of ${what}`, message, attributes });
  }

  return async (input) => {
    const { datasets, reports } = ports;
    const { dataset, sql, period } = readReportInput(input, { datasets, reports, nowMs: clock.nowMs() });
    const [view] = lakeViews([dataset]);
    const of = { dataset: dataset.name, entity: view === undefined ? '' : entityColumn(view), period };
    const sections = await answersOf(of, sql);
    const subjects = subjectsOf(sections);
    const files = subjects.length === 0 ? [] : reportFiles(of, subjects, sections);
    const written = await addFiles(of, files);
    const notice = at(reportNoticeKey(dataset.name, period.name));
    const sent = await sendOnce({ objects, clock }, notice, () => tell(of, subjects, files));
    return { dataset: dataset.name, month: period.name, pages: subjects.length, written, sent };
  };
}
