import { countOf, terminalWidth, wrapped } from '../../cli/format.ts';
import { refusalText } from '../../cli/refusal-text.ts';
import { renderTable } from '../../cli/table.ts';
import type { Finding, Question } from '../../core/inspect/finding.ts';
import type { Inspection } from '../../core/inspect/inspect-file.ts';
import type { Trial } from '../../handlers/api/inspect-file/trial.ts';
import { droppedValues, rejectedLines } from '../preview/preview-page.ts';
import { type Check, checksText } from '../shared/checks.ts';

/** What a file is, and what would become of it, for people. */
export function inspectPage(
  { shipped, measures, unread, findings, questions }: Inspection,
  { file, part, trial }: { file: string; part: string; trial: Trial | undefined },
): string {
  // What a measure is stands in its own table.
  const told = findings.filter(
    ({ subject, certainty }) =>
      !subject.startsWith('measure ') &&
      !(subject.startsWith('bounds of ') && certainty === 'guessed' && !isWidened(subject, findings)),
  );
  const table = renderTable(
    [
      ...[{ title: 'measure' }, { title: 'column' }, { title: 'unit' }],
      ...['min', 'max', 'in the file'].map((title) => ({ title, align: 'right' }) as const),
      { title: 'stands for nothing' },
    ],
    measures.map(({ name, column, unit, min, max, range, nothing }) => [
      ...[name, column, unit, String(min), String(max)],
      range === undefined ? '' : `${range.min} to ${range.max}`,
      nothing.join(', '),
    ]),
  );
  const notRead = unread.map(({ column, reason }) => `  ${column === '' ? '(no name)' : column}: ${reason}`);
  return [
    `${file}, ${part}`,
    '',
    ...(shipped ? [...wrapped(shipped.format.about.replaceAll('\n', ' '), terminalWidth()), ''] : []),
    checksText([...told.map(checkOf), ...questions.map(questionOf)]),
    '',
    table,
    ...(measures.some(({ unit }) => unit === 'unknown')
      ? ['Units that the file does not say: --unit COLUMN=UNIT, or write them into the dataset.']
      : []),
    'Bounds are generous guesses: narrower ones find more faults.',
    ...(notRead.length === 0 ? [] : ['', 'Not read:', ...notRead]),
    ...(trial === undefined ? [] : ['', ...trialText(trial)]),
    ...(questions.length === 0 ? [] : ['', 'Answer with the options above; a terminal is asked.']),
  ].join('\n');
}

/** Bounds that are those of the unit need no line: the table has them. */
const isWidened = (subject: string, findings: readonly Finding[]): boolean =>
  findings.some((finding) => finding.subject === subject && finding.reason.startsWith('wider'));

const checkOf = ({ subject, value, certainty, reason }: Finding): Check => ({
  name: subject,
  state: certainty === 'guessed' ? 'warn' : 'ok',
  text: `${value}${certainty === 'guessed' ? ', guessed' : ''}: ${reason}`,
});

const questionOf = ({ subject, text, options }: Question): Check => ({
  ...{ name: subject, state: 'fail', text },
  fix: options.join(', or '),
});

function trialText({ dataset, preview, readings }: Trial): string[] {
  const { totals } = preview;
  if (totals.refusal !== undefined) return ['As this dataset it would be', ...refusalText(totals.refusal)];
  const table = renderTable(
    [
      { title: 'sensor' },
      { title: 'first readings (UTC)' },
      ...dataset.measureNames.map((title) => ({ title, align: 'right' }) as const),
    ],
    readings.map(({ sensorId, timestampMs, values }) => [
      ...[sensorId, new Date(timestampMs).toISOString()],
      ...values.map((value) => (value === null ? '' : String(value))),
    ]),
  );
  const rejects = rejectedLines(preview);
  const dropped = droppedValues(dataset, preview);
  return [
    `${countOf(totals.lines, 'line')}: ${countOf(totals.valid, 'reading')}, ${totals.lines - totals.valid} rejected`,
    ...(readings.length === 0 ? [] : ['', table]),
    ...(rejects.length === 0 ? [] : ['', ...rejects]),
    ...(dropped.length === 0 ? [] : ['', ...dropped]),
  ];
}
