import { columnsNamed } from '../../formats/column-name.ts';
import type { ShippedFormat } from '../../formats/shipped-format.ts';
import type { TextFormat } from '../../formats/text-format.ts';
import { parseTime, swappedFormat } from '../../time/time-format.ts';
import { type Answers, asked, certain, type Finding } from '../finding.ts';
import { timePatternsOf } from '../time-patterns.ts';
import { cutLine, type Dialect } from './dialect.ts';
import { joinedNames } from './header-lines.ts';
import type { Layout } from './layout.ts';
import { type LongShape, parametersOf } from './long-shape.ts';
import type { TimeFound } from './time-columns.ts';
import { orderIn, orderQuestion } from './time-order.ts';

/** How the rows of a table lie in its file. */
export interface Shape {
  readonly layout: Layout;
  /** The cells of the line above the rows, where it is no header. */
  readonly above?: readonly string[];
  /** What a format says of it, beyond a shipped one. */
  readonly format: Omit<TextFormat, 'kind' | 'match'>;
  readonly findings: readonly Finding[];
}

type Declared = ShippedFormat['format'];

/** The shape that a shipped format says. */
export function shippedShape(
  lines: readonly string[],
  declared: Declared,
): Shape | { readonly fault: string } {
  const { skipLines = 0, skipRows = 0, comment, widths, header, quote = '"', headerLines = 1 } = declared;
  const below = lines
    .slice(skipLines)
    .filter((line) => line.trim() !== '' && (comment === undefined || !line.trimStart().startsWith(comment)));
  const dialect: Dialect = {
    ...{ delimiter: declared.delimiter, quote, isDeclared: true },
    ...(widths ? { widths } : {}),
  };
  const from = header === undefined ? headerLines : 0;
  const columns = header ?? joinedNames(below.slice(0, from).map((line) => cutLine(line, dialect) ?? []));
  const cut = (line: string) => cutLine(line, dialect) ?? [];
  const isRead = filterOf(columns, declared);
  return {
    layout: {
      ...{ columns, skipLines, headerLines, skipRows, header, isCommentHeader: false, findings: [] },
      linesAbove: 0,
      rows: below
        .slice(from + skipRows)
        .map(cut)
        .filter((cells) => cells.length === columns.length && isRead(cells)),
      preamble: lines.slice(0, skipLines),
      below: below.slice(from, from + skipRows).map(cut),
    },
    ...{ format: {}, findings: [] },
  };
}

/** Whether the format's filters let a row pass. */
function filterOf(
  columns: readonly string[],
  { filter = [] }: Declared,
): (cells: readonly string[]) => boolean {
  const tests = filter.map(({ column, in: wanted, notIn }) => ({
    at: columns.indexOf(column),
    wanted,
    notIn,
  }));
  return (cells) =>
    tests.every(({ at, wanted, notIn }) => {
      const cell = cells[at] ?? '';
      const isAmong = (texts: readonly (string | number)[]) => texts.some((text) => String(text) === cell);
      return wanted ? isAmong(wanted) : !isAmong(notIn ?? []);
    });
}

/**
 * The time as a shipped format has it. Where the maker's program lets its user choose how times are written, and these are not written as usual, how
 * they are; where both ways fit, the owner is asked.
 */
export function shippedTime(
  { columns, rows }: Layout,
  { time }: Declared,
  answers: Answers,
): TimeFound | undefined {
  if (time === undefined) return undefined;
  const names = [time.column].flat();
  const indexes = names.map((name) => columnsNamed(name, columns)[0]?.index ?? -1);
  if (indexes.includes(-1)) return undefined;
  const cells = rows.map((row) => indexes.map((at) => row[at] ?? '').join(' '));
  const readBy = (format: string) => cells.filter((cell) => parseTime(cell, format, 'UTC').length > 0).length;
  const swapped = swappedFormat(time.format);
  const [usual, other] = [readBy(time.format), swapped === undefined ? 0 : readBy(swapped)];
  const zoneOf = (format: string) => {
    if (time.zone === 'UTC') return 'UTC';
    return format === 'iso' || format.startsWith('epoch-') || /[Xz]$/.test(format) ? 'each' : undefined;
  };
  const found = (format: string, finding: Finding): TimeFound => ({
    ...{ columns: indexes, pattern: { format, zone: zoneOf(format) }, questions: [] },
    findings: [finding],
  });
  const value = (format: string) => `${names.join(' and ')} as ${format}`;
  const hasOrder = swapped !== undefined && !time.format.startsWith('y');
  if (usual > other || (usual === other && !hasOrder))
    return found(
      time.format,
      certain('time', value(time.format), 'such files have it so, and it reads these'),
    );
  const others = usual === 0 && other === 0 ? timePatternsOf(cells).map(({ format }) => format) : [];
  const [format, second] =
    usual === other && usual > 0 && swapped !== undefined
      ? [time.format, swapped]
      : other > usual && swapped !== undefined
        ? [swapped]
        : others;
  if (format === undefined) return undefined;
  if (second === undefined)
    return found(
      format,
      certain(
        'time',
        value(format),
        `not ${time.format}, as is usual: it reads these times, and the other does not`,
      ),
    );
  // In another way than the usual one day and month may change places, too.
  const formats = others.length > 0 ? others : [format, second];
  const chosen = formats.find((each) => orderIn(each) === answers.order);
  if (chosen !== undefined) return found(chosen, asked('time', value(chosen)));
  return {
    ...{ columns: indexes, pattern: { format, zone: zoneOf(format) }, findings: [] },
    questions: [orderQuestion(cells, formats, names.join(' and '))],
  };
}

/** The rows of a shipped format that have a value each. */
export function shippedLong({ columns, rows }: Layout, { long }: Declared): LongShape | undefined {
  if (long === undefined) return undefined;
  const [parameter, value, unit] = [long.parameter, long.value, long.unit].map((name) =>
    name === undefined ? -1 : columns.indexOf(name),
  );
  if (parameter === undefined || value === undefined || parameter === -1 || value === -1) return undefined;
  const of = { parameter, value, unit: unit === undefined || unit === -1 ? undefined : unit };
  return { ...of, parameters: parametersOf(rows, of), findings: [] };
}

/** The column that a shipped format has for the sensor. */
export function sensorColumnOf(
  columns: readonly string[],
  known: ShippedFormat | undefined,
): number | undefined {
  const declared = known?.format.columns?.sensorId;
  const at = typeof declared === 'string' ? columns.indexOf(declared) : -1;
  return at === -1 ? undefined : at;
}
