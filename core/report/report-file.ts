import { literal } from '../lake/duckdb.ts';
import type { ReportPeriod } from './report-period.ts';

/** Of the file beside a dataset that is the SQL of its report: `salon-bookings.report.sql`. */
export const reportSuffix = '.report.sql';

/** How a section of a report is drawn. */
const sectionKinds = ['numbers', 'days', 'months', 'bars', 'grid', 'table'] as const;

/** One statement of a report, whose first column says whom a row is about. */
export interface ReportSection {
  readonly kind: (typeof sectionKinds)[number];
  /** Of its files; lower case letters, digits and hyphens. */
  readonly name: string;
  readonly title: string;
  /** By itself, with the relations that it may name under `with`. */
  readonly statement: string;
  /** The same over relations that are there already. */
  readonly own: string;
}

/** What several sections ask. */
interface ReportRelation {
  /** Lower case letters, digits and `_`. */
  readonly name: string;
  /** May name the relations before it. */
  readonly statement: string;
}

export interface ReportFile {
  readonly relations: readonly ReportRelation[];
  readonly sections: readonly ReportSection[];
}

/** What is wrong with a report's file, or with what was asked of a report, in words. A retry does not help. */
export class ReportRefused extends Error {
  override readonly name = 'ReportRefused';
}

const sectionHeading = /^-- @(\w+) ([a-z][a-z0-9-]{0,39}): (\S.*)$/;
const relationHeading = /^-- @with ([a-z][a-z0-9_]{0,39})$/;
const accepted = `-- @with name, and -- @kind name: Title, of the kinds ${sectionKinds.join(', ')}`;

type Found =
  | { readonly of: 'relation'; readonly name: string; readonly lines: string[] }
  | {
      readonly of: 'section';
      readonly name: string;
      readonly kind: ReportSection['kind'];
      readonly title: string;
      readonly lines: string[];
    };

/**
 * What a report's file asks of a time.
 * @param text headings `-- @with name` and `-- @kind name: Title`, each with one statement under it; what stands before the first goes before
 *   each section's statement. `:start`, `:end` and `:before` are days of the period, as dates, `:month` is `:start` of a month; `:wanted` is true
 *   of the rows of those that are asked for
 * @param of.entity the column that says whom a row is about
 * @param of.subject who alone is asked for
 * @throws {ReportRefused} naming the line
 */
export function readReport(
  text: string,
  of: { readonly period: ReportPeriod; readonly entity: string; readonly subject?: string | undefined },
): ReportFile {
  const before: string[] = [];
  const found: Found[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (!line.startsWith('-- @')) {
      (found.at(-1)?.lines ?? before).push(line);
      continue;
    }
    const next = headingOf(line);
    if (next === undefined)
      throw new ReportRefused(`line ${index + 1} is ${JSON.stringify(line)}; accepted: ${accepted}`);
    if (found.some((each) => each.of === next.of && each.name === next.name))
      throw new ReportRefused(`line ${index + 1}: there is a ${next.of} ${next.name} already`);
    if (next.of === 'relation' && found.some((each) => each.of === 'section'))
      throw new ReportRefused(`line ${index + 1}: relations come before the sections`);
    found.push(next);
  }
  const filled = found.map((each) => ({ ...each, statement: filledIn(each, of) }));
  const relations = filled.flatMap((each) => (each.of === 'relation' ? [each] : []));
  const sections = filled.flatMap((each) => (each.of === 'section' ? [each] : []));
  if (sections.length === 0) throw new ReportRefused('it has no section, such as -- @numbers totals: Totals');
  const shared = filledText(before.join('\n'), of);
  if (relations.length === 0)
    return {
      relations: [],
      sections: sections.map(({ of: _, lines: __, statement, ...section }) => {
        const whole = `${shared}\n${statement}`;
        return { ...section, statement: whole, own: whole };
      }),
    };
  if (!isRemarks(shared))
    throw new ReportRefused('a statement stands before the first heading: write it under -- @with name');
  const head = relations.map(({ name, statement }) => `${name} as (\n${statement}\n)`).join(',\n');
  return {
    relations: relations.map(({ name, statement }) => ({ name, statement })),
    sections: sections.map(({ of: _, lines: __, statement, ...section }) => {
      if (/^with\b/i.test(withoutRemarks(statement)))
        throw new ReportRefused(`the section ${section.name} begins with WITH: write it under -- @with name`);
      return { ...section, statement: `with ${head}\n${statement}`, own: statement };
    }),
  };
}

function headingOf(line: string): Found | undefined {
  const [, relation] = relationHeading.exec(line) ?? [];
  if (relation !== undefined) return { of: 'relation', name: relation, lines: [] };
  const [, given = '', name = '', title = ''] = sectionHeading.exec(line) ?? [];
  const kind = sectionKinds.find((each) => each === given);
  return kind && { of: 'section', kind, name, title, lines: [] };
}

type Filling = Parameters<typeof readReport>[1];

function filledIn({ of, name, lines }: Found, filling: Filling): string {
  const statement = filledText(lines.join('\n'), filling)
    .replace(/[\s;]+$/, '')
    .trim();
  if (isRemarks(statement)) throw new ReportRefused(`the ${of} ${name} has no statement`);
  return statement;
}

function filledText(text: string, { period, entity, subject }: Filling): string {
  const days = { start: period.start, end: period.end, before: period.before, month: period.start };
  if (period.kind === 'year' && /:month\b/.test(withoutRemarks(text)))
    throw new ReportRefused('it says :month, which a year has none of: say :start, :end and :before instead');
  return text
    .replaceAll(/:(start|end|before|month)\b/g, (_, name: keyof typeof days) => `date '${days[name]}'`)
    .replaceAll(/:wanted\b/g, subject === undefined ? 'true' : `${entity} = ${literal(subject)}`);
}

const withoutRemarks = (text: string): string => text.replaceAll(/^\s*--.*$/gm, '').trim();
const isRemarks = (text: string): boolean => withoutRemarks(text) === '';
