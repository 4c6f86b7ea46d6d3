import type { NumberNotation } from '../formats/number-text.ts';
import type { Answers, Finding, Question } from './finding.ts';
import { asked, certain, guessed } from './finding.ts';

interface NotationFound {
  readonly notation: NumberNotation;
  readonly findings: readonly Finding[];
  readonly questions: readonly Question[];
}

const pointShown = /^[-+]?(?:\d*\.(?:\d{1,2}|\d{4,})|0\.\d{3}|\d{4,}\.\d+|\.\d+)(?:e[-+]?\d+)?$/i;
const commaShown = /^[-+]?(?:\d*,(?:\d{1,2}|\d{4,})|0,\d{3}|\d{4,},\d+|,\d+)(?:e[-+]?\d+)?$/i;
const grouped = {
  ',': /^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/,
  '.': /^[-+]?\d{1,3}(?:\.\d{3})+(?:,\d*)?$/,
  "'": /^[-+]?\d{1,3}(?:'\d{3})+(?:[.,]\d*)?$/,
  ' ': /^[-+]?\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?:[.,]\d*)?$/,
} as const;

/**
 * The decimal mark and what stands between thousands, of cells that look like numbers. `1,234` alone may be either; that is asked. So may `1.234`,
 * which is what programs write, and taken for a point, as a guess.
 */
export function numberNotationOf(cells: Iterable<string>, { decimal }: Answers): NotationFound {
  const seen = { point: '', comma: '', groupedComma: '', groupedPoint: '', other: '' as '' | ' ' | "'" };
  let [whole, onlyGroups, bothMarks] = ['', '', ''];
  for (const cell of cells) {
    const bare = cell.replaceAll(/[' \u00a0\u2009\u202f]/g, '');
    if (pointShown.test(bare) || /\d,\d{3}\.\d/.test(cell)) seen.point ||= cell;
    else if (commaShown.test(bare) || /\d\.\d{3},\d/.test(cell)) seen.comma ||= cell;
    if (grouped[','].test(cell)) seen.groupedComma ||= cell;
    if (grouped['.'].test(cell)) seen.groupedPoint ||= cell;
    if (grouped["'"].test(cell)) seen.other ||= "'";
    if (grouped[' '].test(cell)) seen.other ||= ' ';
    if (/^[-+]?\d{4,}$/.test(cell)) whole ||= cell;
    if (/\d,\d{3}\.\d|\d\.\d{3},\d/.test(cell)) bothMarks ||= cell;
    if (/^[-+]?\d{1,3}(?:[,.]\d{3}){2,}$/.test(cell)) onlyGroups ||= cell;
  }
  const mark = decimal ?? (seen.comma !== '' && seen.point === '' ? ',' : '.');
  const [shown, contrary] = mark === '.' ? [seen.point, seen.comma] : [seen.comma, seen.point];
  // Where 1,25 is there too, 1,250 is no more than a thousand for sure.
  const groups = contrary !== '' ? '' : mark === '.' ? seen.groupedComma : seen.groupedPoint;
  const thousands: NumberNotation['thousands'] =
    seen.other || (groups === '' ? undefined : mark === '.' ? ',' : '.');
  const notation: NumberNotation = { decimal: mark, ...(thousands === undefined ? {} : { thousands }) };
  const ofGroups =
    thousands === undefined
      ? []
      : [
          (seen.other !== '' || onlyGroups !== '' || bothMarks !== '' ? certain : guessed)(
            'thousands',
            shownMark(thousands),
            `between groups of three digits, as in ${groups || 'some cells'}`,
          ),
        ];
  if (decimal !== undefined)
    return { notation, findings: [asked('decimal mark', shownMark(mark)), ...ofGroups], questions: [] };
  if (seen.point !== '' || seen.comma !== '') {
    return {
      notation,
      findings: [
        contrary === ''
          ? certain('decimal mark', shownMark(mark), `${shown} can be read in no other way`)
          : guessed(
              'decimal mark',
              shownMark(mark),
              `as in ${shown}; ${contrary} has the other one, and is not read`,
            ),
        ...ofGroups,
      ],
      questions: [],
    };
  }
  if (seen.groupedComma !== '' && onlyGroups === '') {
    const habit = whole === '' ? '' : `; other numbers, such as ${whole}, have none between thousands`;
    return {
      notation: { decimal: '.' },
      findings: [],
      questions: [
        {
          subject: 'decimal',
          text: `Is ${seen.groupedComma} more than a thousand (a decimal point), or a number with decimals (a decimal comma)${habit}?`,
          options: ['--decimal .', '--decimal ,'],
          choices: ['.', ','],
        },
      ],
    };
  }
  if (seen.groupedPoint !== '' && onlyGroups === '')
    return {
      notation: { decimal: '.' },
      findings: [
        guessed(
          'decimal mark',
          'a point',
          `${seen.groupedPoint} is read as less than a thousand; if points stand between thousands, say --decimal ,`,
        ),
      ],
      questions: [],
    };
  return { notation, findings: ofGroups, questions: [] };
}

const shownMark = (mark: string): string =>
  ({ '.': 'a point', ',': 'a comma', ' ': 'a space', "'": 'an apostrophe' })[mark] ?? mark;
