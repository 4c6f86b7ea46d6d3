/** How a section of a report is drawn. */
const sectionKinds = ['numbers', 'days', 'months', 'bars', 'grid', 'table'] as const;

/** One statement of a report, whose first column says whom a row is about. */
export interface ReportSection {
  readonly kind: (typeof sectionKinds)[number];
  /** Of its files; lower case letters, digits and hyphens. */
  readonly name: string;
  readonly title: string;
  readonly statement: string;
}

/** What is wrong with a report's file, in words. */
export class ReportRefused extends Error {
  override readonly name = 'ReportRefused';
}

const headings = /^-- @(\w+) ([a-z][a-z0-9-]{0,39}): (\S.*)$/;

/**
 * The sections of a report's file, for a month.
 * @param text headings `-- @kind name: Title`, each with one statement under it; what stands before the first goes before each statement
 * @param month `YYYY-MM`, which is checked: it goes into the SQL in the place of `:month`, as a date
 * @throws {ReportRefused} naming the line
 */
export function readReport(text: string, month: string): ReportSection[] {
  if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(month)) throw new ReportRefused(`${month} is no month (2026-05).`);
  const before: string[] = [];
  const found: (Omit<ReportSection, 'statement'> & { readonly lines: string[] })[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (!line.startsWith('-- @')) {
      (found.at(-1)?.lines ?? before).push(line);
      continue;
    }
    const [, given = '', name = '', title = ''] = headings.exec(line) ?? [];
    const kind = sectionKinds.find((each) => each === given);
    if (kind === undefined)
      throw new ReportRefused(
        `line ${index + 1} is ${JSON.stringify(line)}; accepted: -- @kind name: Title, of the kinds ${sectionKinds.join(', ')}`,
      );
    if (found.some((each) => each.name === name))
      throw new ReportRefused(`line ${index + 1}: there is a section ${name} already`);
    found.push({ kind, name, title, lines: [] });
  }
  if (found.length === 0) throw new ReportRefused('it has no section, such as -- @numbers totals: Totals');
  const ofMonth = (lines: readonly string[]): string =>
    lines.join('\n').replaceAll(/:month\b/g, `date '${month}-01'`);
  return found.map(({ lines, ...section }) => {
    const own = ofMonth(lines).trim();
    if (own === '') throw new ReportRefused(`the section ${section.name} has no statement`);
    return { ...section, statement: `${ofMonth(before)}\n${own}` };
  });
}
