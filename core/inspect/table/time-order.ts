import { parseTime } from '../../time/time-format.ts';
import { type Answers, asked, type Finding, type Question } from '../finding.ts';
import type { TimePattern } from '../time-patterns.ts';

/** Which of day and month comes first by a name such as `Date (MM/DD/YYYY)`, in the letters of a few languages. */
export function orderNamed(names: readonly string[]): Answers['order'] {
  const shown = names.join(' ');
  if (/(?<!\p{L})(?:yy){1,2}[-/. ]mm[-/. ]dd(?!\p{L})/iu.test(shown)) return 'year-first';
  if (/(?<!\p{L})mm[-/. ]dd[-/. ](?:yy){1,2}(?!\p{L})/iu.test(shown)) return 'month-first';
  return /(?<!\p{L})(?:dd|tt|jj|gg)[-/. ]mm[-/. ](?:yy|jj|aa){1,2}(?!\p{L})/iu.test(shown)
    ? 'day-first'
    : undefined;
}

/** Which of day and month comes first, where both can. */
export function orderOf(
  patterns: readonly TimePattern[],
  {
    cells,
    shown,
    answers,
    also,
  }: {
    cells: readonly string[];
    shown: string;
    answers: Answers;
    also: readonly Finding[];
  },
): {
  readonly pattern: TimePattern;
  readonly findings: readonly Finding[];
  readonly questions: readonly Question[];
} {
  const chosen = patterns.find(({ format }) => orderIn(format) === answers.order);
  const [first] = patterns as readonly [TimePattern, ...TimePattern[]]; // there are several
  if (chosen !== undefined)
    return {
      pattern: chosen,
      findings: [asked('time', `${shown} as ${chosen.format}`), ...also],
      questions: [],
    };
  const formats = patterns.map(({ format }) => format);
  return { pattern: first, findings: also, questions: [orderQuestion(cells, formats, shown)] };
}

/**
 * Which of formats that read the same cells is meant.
 * @param shown the column, for people
 */
export function orderQuestion(cells: readonly string[], formats: readonly string[], shown: string): Question {
  const sample = cells.find(
    (cell) => new Set(formats.map((format) => parseTime(cell, format, 'UTC')[0])).size > 1,
  );
  const meant = formats.map((format) => {
    const [ms] = parseTime(sample ?? cells[0] ?? '', format, 'UTC');
    return `${new Date(ms ?? 0).toISOString().slice(0, 10)} (${orderIn(format)})`;
  });
  const orders = formats.map(orderIn);
  const why =
    orders.includes('day-first') && orders.includes('month-first')
      ? 'No date of it has a day above 12, which would tell.'
      : 'Each of its dates can be read in either way.';
  return {
    subject: 'order',
    text: `Is ${sample ?? cells[0]} in ${shown} ${meant.join(' or ')}? ${why}`,
    options: orders.map((order) => `--${order}`),
    choices: orders,
  };
}

export function orderIn(format: string): NonNullable<Answers['order']> {
  const first = /[yMd]/.exec(format)?.[0]; // behind a weekday
  if (first === 'y') return 'year-first';
  return first === 'd' ? 'day-first' : 'month-first';
}
