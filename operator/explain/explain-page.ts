import { countOf, formatCount } from '../../cli/format.ts';
import { oneLine } from '../../cli/print.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import { valueOfNumber } from '../../core/dataset/typed-field.ts';
import { show } from '../../core/lines/rejection.ts';
import { mean } from '../../core/statistics/statistics.ts';
import { arrivedOn } from '../../handlers/operations/raw-objects.ts';
import type { LedgerEntry } from '../../ports/queries.ts';
import { replayCommand } from '../shared/differences.ts';
import type { StoredStatistics } from '../shared/stored-statistics.ts';
import { passedOverTexts } from '../upload/upload-page.ts';
import type { ExplainedLine, Explanation } from './explanation.ts';

/** The answer to "where is that reading?": the verdict first, then what it rests on. */
export function explainPage(explanation: Explanation): string {
  const { sought, partition, stored, lines, searched, read, day, month, alerts, faults } = explanation;
  const { dataset, sensorId, timestampMs } = sought;
  const { id, key, version } = partition;
  const isDay = /^\d{4}-\d\d-\d\d$/.test(sought.typed);
  const local = isDay ? `, where ${sought.typed} begins in ${dataset.timeZone}` : '';
  const head = `${dataset.name}  ${sensorId}  ${new Date(timestampMs).toISOString()}${local}`;
  const facts = [
    `partition    ${key}${version === undefined ? ', which is not there' : `, version ${version}`}`,
    `stored       ${stored === undefined ? neighbourText(explanation) : readingText(dataset, stored)}`,
    `day          ${statisticsText(dataset, id.day, day)}`,
    `month        ${statisticsText(dataset, id.day.slice(0, 7), month)}`,
    ...alerts.map(
      ({ rule, alert: { content, state, sentAt } }) =>
        `alert        ${rule}: ${content.withdrawn ? 'withdrawn' : `${content.count} readings of the day, worst ${content.worst}`}, ${sentAt === undefined ? state : `sent ${sentAt}`}`,
    ),
  ];
  const versions = Map.groupBy(
    new Set(lines.map(({ occurrence }) => occurrence.object)),
    ({ key: of }) => of,
  );
  const found = lines.flatMap((line) => lineText(dataset, line, versions));
  return [
    head,
    verdict(explanation),
    '',
    ...facts,
    '',
    `lines        ${formatCount(lines.length)} in ${countOf(searched, 'raw object')}, of which ${formatCount(read)} had to be read`,
    ...found,
    ...(faults.length === 0
      ? []
      : ['', ...faults.map((fault) => `✗ ${fault}`), `  fix: ${fixText(explanation)}`]),
  ].join('\n');
}

function verdict({ stored, lines }: Explanation): string {
  if (stored !== undefined && lines.every(({ fate }) => fate === 'rejected' || fate === 'refused')) {
    return 'It is stored, and no valid line among the raw objects that were read has it.';
  }
  if (stored !== undefined) {
    const of = (wanted: ExplainedLine['fate']) => lines.filter(({ fate }) => fate === wanted).length;
    const over = of('superseded') > 0 ? `, in the version that won over ${of('superseded')} more` : '';
    if (stored.withdrawn) {
      const against = stored.contested
        ? ' Contested: a line with the same rank says that there is a reading; a later upload or a higher revision settles it.'
        : '';
      return `It is withdrawn${over}: it stays in the set, and counts nowhere.${against}`;
    }
    if (stored.contested) {
      const others =
        of('contested') === 0
          ? 'other lines said'
          : `${countOf(of('contested'), 'other line')} ${of('contested') === 1 ? 'says' : 'say'}`;
      return `It is stored${over}, and contested: ${others} something else with the same rank. A later upload or a higher revision settles it.`;
    }
    return `It is stored${over}.`;
  }
  if (lines.length > 0 && lines.every(({ fate }) => fate === 'refused'))
    return 'It is in a refused file, of which nothing is taken.';
  if (lines.some(({ fate }) => fate === 'not-stored')) return 'It is valid, and not stored (yet).';
  if (lines.length > 0) return 'It was rejected.';
  return 'It is unknown: no line of the raw objects that were read has it.';
}

function neighbourText({ neighbours: { count, nearestMs } }: Explanation): string {
  if (nearestMs === undefined) return 'no; the sensor has no reading on that day';
  return `no; the sensor has ${formatCount(count)} on that day, the nearest at ${new Date(nearestMs).toISOString()}`;
}

/** What a reading says, measure by measure. */
export function readingText(
  dataset: Dataset,
  { values, attributes, revision, withdrawn }: Omit<Reading, 'withdrawn'> & { withdrawn?: boolean },
): string {
  const parts = [
    ...dataset.measureNames.map((name, index) => {
      const value = values[index] ?? null;
      if (value === null) return `${name} –`;
      const { type, unit = '' } = dataset.measures[name] ?? {};
      return type === undefined ? `${name} ${value} ${unit}` : `${name} ${valueOfNumber(type, value)}`;
    }),
    ...dataset.attributeNames.map((name, index) => `${name} ${attributes[index] ?? '–'}`),
    ...(revision === 0 ? [] : [`revision ${revision}`]),
    ...(withdrawn ? ['withdrawn'] : []),
  ];
  return parts.join(', ');
}

function statisticsText(dataset: Dataset, period: string, item: StoredStatistics | undefined): string {
  if (item === undefined) return `${period}: there are none`;
  const { count, contested, measures, counts = {} } = item.statistics;
  const noun = dataset.kind === 'events' ? 'event' : 'reading';
  if (count === 0) return `${period}, ${dataset.timeZone}: every ${noun} was withdrawn`;
  const of = dataset.measureNames.flatMap((name) => {
    const found = measures[name];
    return found === undefined
      ? []
      : [`${name} ${Number(mean(found).toPrecision(6))} (${found.min} to ${found.max})`];
  });
  const listed = Object.entries(counts).map(
    ([name, texts]) =>
      `${name} ${Object.entries(texts)
        .map(([text, events]) => `${text} ${formatCount(events)}`)
        .join(', ')}`,
  );
  return `${period}, ${dataset.timeZone}: ${countOf(count, noun)}${contested > 0 ? ` (${formatCount(contested)} contested)` : ''}${of.length === 0 ? '' : `, mean ${of.join(', ')}`}${listed.map((each) => `, ${each}`).join('')}`;
}

const fates: Readonly<Record<Exclude<ExplainedLine['fate'], 'rejected' | 'refused'>, string>> = {
  stored: 'valid: this is what is stored',
  repeats: 'valid: the same again',
  superseded: 'valid: superseded by the version that is stored',
  contested: 'valid: says something else with the same rank',
  'not-stored': 'valid: not stored',
};

/** @param versions of each key: those of one that was overwritten are told apart by their time */
function lineText(
  dataset: Dataset,
  { occurrence, fate, ledger }: ExplainedLine,
  versions: ReadonlyMap<string, readonly unknown[]>,
): string[] {
  const { object, line } = occurrence;
  const uploaded = new Date(object.lastModifiedMs).toISOString().slice(0, 19).replace('T', ' ');
  const version = (versions.get(object.key)?.length ?? 1) > 1 ? `, of the version of ${uploaded} UTC` : '';
  const where = `  ${oneLine(object.key)} line ${line}${version}`;
  if (fate === 'refused')
    return [where, '    in a refused file, of which nothing is taken: npm run caudal -- rejects'];
  if (occurrence.kind === 'rejected') {
    return [
      where,
      `    rejected, ${occurrence.reason}: ${occurrence.detail}`,
      `    ${oneLine(occurrence.text.slice(0, 200))}`,
    ];
  }
  const says = fate === 'rejected' ? '' : fates[fate];
  const said = `    ${says}${fate === 'superseded' || fate === 'contested' ? ` (${readingText(dataset, occurrence.reading)})` : ''}`;
  const dropped = occurrence.dropped.map(
    ({ measure, reason, value }) => `    without ${measure}, which is ${show(value)} (${reason})`,
  );
  if (ledger === undefined) return [where, `${said}; the object is not validated yet`, ...dropped];
  return ledger.state === 'Failed'
    ? [where, `${said}; validating the object failed: ${ledger.error}`, ...dropped]
    : [where, said, ...dropped, ...noteLines(dataset, ledger)];
}

/** What else there is to know of the file that a line is in. */
function noteLines(dataset: Dataset, { notes, holds = [] }: LedgerEntry): string[] {
  const { columns, passedOver, unterminated, unknownFields = [], withoutText = 0 } = notes ?? {};
  const { unmapped = [], absent = [], parameters = [] } = columns ?? {};
  const held = holds.find((holding) => holding.dataset === dataset.name);
  const empty = (held?.absent ?? []).filter((measure) => !absent.includes(measure));
  return [
    ...(unmapped.length === 0
      ? []
      : [`    nothing reads its columns ${unmapped.map((name) => show(name)).join(', ')}`]),
    ...(parameters.length === 0
      ? []
      : [`    nothing reads its parameters ${parameters.map((name) => show(name)).join(', ')}`]),
    ...passedOverTexts(passedOver).map((text) => `    ${text}`),
    ...(absent.length === 0 ? [] : [`    its file has no column of ${absent.join(', ')}`]),
    ...(empty.length === 0 ? [] : [`    no reading of its file has a value of ${empty.join(', ')}`]),
    ...(unknownFields.length === 0
      ? []
      : [
          `    lines of its file are rejected for fields that nothing reads, ${unknownFields.map((name) => show(name)).join(', ')}`,
        ]),
    ...(unterminated ? ['    no newline ends the last row of its file: it may have been cut'] : []),
    ...(withoutText === 0
      ? []
      : [
          `    ${formatCount(withoutText)} rejected lines of its file are counted, and their text was not kept`,
        ]),
  ];
}

function fixText({ lines, partition }: Explanation): string {
  const arrived = lines
    .filter(({ fate }) => fate !== 'rejected')
    .map(({ occurrence }) => arrivedOn(occurrence.object));
  arrived.sort();
  const from = arrived[0] ?? partition.id.day;
  return `if nothing is running (npm run caudal -- status): ${replayCommand(from, arrived.at(-1) ?? from)}`;
}
