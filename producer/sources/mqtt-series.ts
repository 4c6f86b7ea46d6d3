import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Line } from '../../core/dataset/reading.ts';
import { acceptedSensorId, readSensorId } from '../../core/dataset/sensor-id.ts';
import { repeatedKeyFault } from '../../core/lines/json/members.ts';
import { parseNdjsonLine, parseRecord, type RecordContext } from '../../core/lines/json/ndjson.ts';
import { rejected, show } from '../../core/lines/rejection.ts';

/** What names the series of a message. */
export type MqttSeries =
  | { readonly kind: 'fixed'; readonly sensorId: string }
  /** A level of the topic, from 1; -1 is the last one. */
  | { readonly kind: 'level'; readonly level: number }
  /** Names of members, from the outermost. */
  | { readonly kind: 'member'; readonly path: readonly string[]; readonly typed: string }
  | { readonly kind: 'none' };

const member = /\.([^.[\]'"]+)|\['([^']+)'\]|\["([^"]+)"\]/y;

/** `2`, `-1`, `$.device.id` or `$['device id']` as typed; `undefined` for anything else. */
export function readMqttSensor(typed: string): MqttSeries | undefined {
  if (/^-?[1-9]\d{0,3}$/.test(typed)) return { kind: 'level', level: Number(typed) };
  const path: string[] = [];
  member.lastIndex = 1;
  while (typed.startsWith('$') && member.lastIndex < typed.length) {
    const match = member.exec(typed);
    if (match === null) return undefined;
    path.push(match[1] ?? match[2] ?? match[3] ?? '');
  }
  return path.length === 0 ? undefined : { kind: 'member', path, typed };
}

/**
 * What names the series where nobody said: the last level of the topic. Not where the filter fixes that level and has a wildcard before it,
 * as in `tele/+/SENSOR`: all devices would fall into one series.
 */
export function defaultSeries(filter: string): MqttSeries {
  const levels = filter.split('/');
  const isWild = (level: string) => level === '+' || level === '#';
  const last = levels.at(-1) ?? '';
  return !isWild(last) && levels.some(isWild) ? { kind: 'none' } : { kind: 'level', level: -1 };
}

/** Reads one line of a message's payload. A line that names its own series is of that one. */
export function readMqttLine(
  text: string,
  {
    topic,
    series,
    dataset,
    datasets,
    arrivedMs,
  }: {
    topic: string;
    series: MqttSeries;
    dataset: Dataset | undefined;
    datasets: readonly Dataset[];
    /** UTC ms. */
    arrivedMs: number;
  },
): Line {
  // Not stored: a message may come again, at another time.
  const context = { dataset, sensorId: undefined, arrivedMs, isStored: false };
  if (series.kind === 'member') return readByMember(text, series, context, datasets);
  const named = seriesOfTopic(topic, series);
  const sensorId = 'id' in named ? named.id : undefined;
  const line = parseNdjsonLine(text, true, { ...context, sensorId }, datasets);
  if ('id' in named || line.kind !== 'rejected' || line.reason !== 'missing-field') return line;
  return { ...line, detail: `${line.detail}; ${named.fault}` };
}

function seriesOfTopic(topic: string, series: MqttSeries): ReturnType<typeof readSensorId> {
  if (series.kind === 'fixed') return { id: series.sensorId };
  if (series.kind !== 'level')
    return { fault: 'no level of the topic is known to name the series: give --mqtt-sensor' };
  const { level } = series;
  const text = topic.split('/').at(level > 0 ? level - 1 : level);
  if (text === undefined) return { fault: `the topic ${show(topic)} has no level ${level}` };
  const read = readSensorId(text);
  return 'id' in read ? read : { fault: `level ${level} of the topic is ${show(text)}: ${read.fault}` };
}

/** The member that names the series is taken out, and with it each object that it leaves empty: no dataset has it as a field. */
function readByMember(
  text: string,
  { path, typed }: Extract<MqttSeries, { kind: 'member' }>,
  context: RecordContext,
  datasets: readonly Dataset[],
): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return parseNdjsonLine(text, true, context, datasets); // which says how it is wrong
  }
  const repeated = repeatedKeyFault(text, value, path);
  if (repeated !== undefined) return repeated;
  const { found, rest } = takeMember(value, path);
  const line = parseRecord(rest, context, datasets);
  // Without a series it is either told as missing, or has named its own.
  if (found === undefined)
    return line.kind === 'rejected' && line.reason === 'missing-field'
      ? { ...line, detail: `${line.detail}; ${typed} is not in the message either` }
      : line;
  if (line.kind === 'reading')
    return rejected(
      'unknown-field',
      `${typed} and the reading's own sensor are both given; accepted: one of the two`,
    );
  const isText = typeof found === 'string' || typeof found === 'number';
  const read = isText ? readSensorId(found) : { fault: 'neither a text nor a number' };
  if ('id' in read) return parseRecord(rest, { ...context, sensorId: read.id }, datasets);
  return rejected(
    'invalid-sensor-id',
    `${typed} is ${show(found)}: ${read.fault}; accepted: ${acceptedSensorId}`,
  );
}

function takeMember(
  value: unknown,
  [name = '', ...deeper]: readonly string[],
): { found: unknown; rest: unknown } {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
    return { found: undefined, rest: value };
  const { [name]: inner, ...others } = value as Readonly<Record<string, unknown>>; // it has the name
  if (deeper.length === 0) return { found: inner, rest: others };
  const { found, rest } = takeMember(inner, deeper);
  if (found === undefined) return { found, rest: value };
  return { found, rest: Object.keys(rest as object).length === 0 ? others : { ...others, [name]: rest } }; // an object, as it had the name
}
