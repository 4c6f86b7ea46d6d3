import { checkColumns } from './check-columns.ts';
import {
  checkClock,
  checkMatch,
  checkNotation,
  checkNothing,
  type FormatFault,
  type FormatSubject,
  isName,
  oneOf,
} from './check-parts.ts';
import { encodings, type TextFormat } from './text-format.ts';

const known: ReadonlySet<string> = new Set([
  ...[
    'kind',
    'match',
    'encoding',
    'delimiter',
    'widths',
    'quote',
    'comment',
    'skipLines',
    'header',
    'skipRows',
  ],
  ...['decimal', 'thousands', 'nothing', 'time', 'sensorId', 'columns', 'ignore', 'long', 'filter', 'fill'],
  ...['multiline', 'headerLines', 'sensorLine'],
]);
const maxSkipped = 10_000;
const maxColumns = 10_000;

/** The first fault of a format; `undefined` when it is sound. */
export function checkTextFormat(format: TextFormat, subject: FormatSubject): FormatFault | undefined {
  const odd = Object.keys(format).find((name) => !known.has(name));
  if (odd !== undefined) return [odd, odd, [...known].join(', ')];
  return (
    checkFile(format) ?? checkNumbers(format) ?? checkTime(format, subject) ?? checkColumns(format, subject)
  );
}

function checkFile(format: TextFormat): FormatFault | undefined {
  const { match, encoding, delimiter, widths, quote, comment, skipLines, header, skipRows } = format;
  return (
    checkMatch(match) ??
    oneOf('encoding', encoding, encodings) ??
    oneOf('delimiter', delimiter, [',', ';', '\t', '|', 'spaces']) ??
    oneOf('quote', quote, ['"', "'", 'none']) ??
    checkWidths(widths, delimiter) ??
    (comment === undefined || (typeof comment === 'string' && comment.trim() !== '')
      ? undefined
      : (['comment', comment, 'a text that such lines begin with'] as const)) ??
    checkMultiline(format) ??
    checkHeaderLines(format) ??
    whole('skipLines', skipLines) ??
    whole('skipRows', skipRows) ??
    checkHeader(header, widths)
  );
}

function checkHeaderLines({ headerLines, header, delimiter, widths }: TextFormat): FormatFault | undefined {
  if (headerLines === undefined) return undefined;
  if (!Number.isInteger(headerLines) || headerLines < 1 || headerLines > 5)
    return ['headerLines', headerLines, 'a whole number from 1 to 5'];
  if (headerLines === 1) return undefined;
  if (header !== undefined) return ['headerLines', headerLines, 'none where `header` has the names'];
  if (delimiter === 'spaces' || (delimiter === undefined && widths === undefined))
    return [
      'headerLines',
      headerLines,
      'one, where neither `delimiter` nor `widths` says what is under what',
    ];
  return undefined;
}

function checkMultiline({ multiline, quote, widths }: TextFormat): FormatFault | undefined {
  if (multiline === undefined || multiline === false) return undefined;
  if (multiline !== true) return ['multiline', multiline, 'true or false'];
  return quote === 'none' || widths !== undefined
    ? ['multiline', multiline, 'none where no cell is quoted']
    : undefined;
}

function checkWidths(widths: unknown, delimiter: unknown): FormatFault | undefined {
  if (widths === undefined) return undefined;
  const isSound =
    Array.isArray(widths) &&
    widths.length > 0 &&
    widths.length <= maxColumns &&
    widths.every((width) => Number.isInteger(width) && width > 0);
  if (!isSound) return ['widths', widths, 'the characters of each column, whole numbers from 1 on'];
  return delimiter === undefined ? undefined : ['delimiter', delimiter, 'none beside widths'];
}

function checkHeader(header: unknown, widths: readonly number[] | undefined): FormatFault | undefined {
  if (header === undefined) return undefined;
  const isSound =
    Array.isArray(header) &&
    header.length > 0 &&
    header.length <= maxColumns &&
    header.every((name) => typeof name === 'string' && name === name.trim());
  if (!isSound) return ['header', header, 'the names of the columns'];
  if (widths === undefined || widths.length === header.length) return undefined;
  return ['header', header, `as many names as widths: ${widths.length}`];
}

function checkNumbers({ decimal, thousands, nothing, delimiter }: TextFormat): FormatFault | undefined {
  const fault = checkNotation({ decimal, thousands }) ?? checkNothing('nothing', nothing);
  if (fault !== undefined) return fault;
  if (thousands === ' ' && delimiter === 'spaces')
    return ['thousands', thousands, 'no spaces where they stand between cells'];
  return undefined;
}

function checkTime({ time }: TextFormat, subject: FormatSubject): FormatFault | undefined {
  if (subject.time === 'arrival')
    return time === undefined ? undefined : ['time', time, "none where the dataset's time is 'arrival'"];
  if (typeof time !== 'object' || time === null) return ['time', time, '{ column, format }'];
  const { column } = time;
  const odd = Object.keys(time).find((name) => !['column', 'format', 'zone', 'shift'].includes(name));
  if (odd !== undefined) return [`time.${odd}`, odd, 'column, format, zone, shift'];
  const columns = typeof column === 'string' ? [column] : column;
  if (!Array.isArray(columns) || columns.length === 0 || !columns.every(isName))
    return ['time.column', column, 'the name of a column, or of several'];
  return checkClock(time);
}

function whole(field: string, value: unknown): FormatFault | undefined {
  const isSound =
    value === undefined ||
    (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maxSkipped);
  return isSound ? undefined : [field, value, `a whole number from 0 to ${maxSkipped}`];
}
