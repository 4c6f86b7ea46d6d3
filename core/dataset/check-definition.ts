import { checkFormat } from '../formats/format.ts';
import { endTimestampMs, parseDay } from '../time/calendar.ts';
import { dayMs, parseDuration } from '../time/duration.ts';
import { checkFormat as checkTimeFormat } from '../time/time-format.ts';
import { isTimeZone } from '../time/time-zone.ts';
import { checkAlertRule, ruleMembers } from './check-alert-rule.ts';
import { checkEvents, checkTypedAttribute } from './check-events.ts';
import type { Attribute, DatasetDefinition } from './definition.ts';
import { acceptedSensorId, canonicalSensorId } from './sensor-id.ts';

const fieldPattern = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
/** Fields of every reading, and columns that the partition's path adds when a query engine reads it. */
const reserved = [
  ...['dataset', 'sensorid', 'timestamp', 'revision', 'date', 'shard'],
  ...['uploadedat', 'contested', 'withdrawn'],
];
const limit = 1e15;
const members: Readonly<Record<keyof DatasetDefinition, true>> = {
  ...{ name: true, timeZone: true, shards: true, generation: true, sensorIdField: true, unnamed: true },
  sensorsOfThing: true,
  ...{ time: true, maxAhead: true, earliest: true, defaultSensorId: true, measures: true, attributes: true },
  ...{ missing: true, alerts: true, maxUnreadable: true, csv: true, formats: true, expectedEvery: true },
  ...{ synthetic: true, kind: true, entity: true, at: true, identity: true, sequence: true },
  filledBy: true,
};
/** Of a dataset's file. */
export const definitionMembers: readonly string[] = Object.keys(members);

/** The first fault of a definition, with the field, what was found and what is accepted; `undefined` when sound. */
export function checkDefinition(definition: DatasetDefinition): string | undefined {
  if (typeof definition !== 'object' || definition === null) return 'accepted is an object';
  const unknown = oddMember('', definition, definitionMembers);
  if (unknown !== undefined) return unknown;
  const { name, timeZone, shards, generation, measures = {}, attributes = {} } = definition;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{0,62}$/.test(name))
    return fault('name', name, 'a-z, 0-9 and -, at most 63, a letter first');
  if (!isTimeZone(timeZone)) return fault('timeZone', timeZone, 'an IANA name such as Europe/Madrid');
  if (!integerIn(shards, 1, 1000)) return fault('shards', shards, 'an integer from 1 to 1000');
  if (generation !== undefined && !integerIn(generation, 1, 9999))
    return fault('generation', generation, 'an integer from 1 to 9999');
  const events = checkEvents(definition);
  if (events !== undefined) return fault(...events);
  if (Object.keys(measures).length === 0 && definition.kind !== 'events')
    return fault('measures', definition.measures, 'at least one measure');
  return (
    checkNames(definition) ??
    firstFault(measures, (key, measure) => {
      const odd = oddMember(`measures.${key}`, measure, ['unit', 'min', 'max', 'optional']);
      if (odd !== undefined) return odd;
      const { unit, min, max } = measure;
      if (typeof unit !== 'string') return fault(`measures.${key}.unit`, unit, 'a text');
      if (!numberIn(min)) return fault(`measures.${key}.min`, min, 'a number within ±1e15');
      if (!numberIn(max) || max < min) return fault(`measures.${key}.max`, max, 'a number from min to 1e15');
      return checkOptional(`measures.${key}`, measure);
    }) ??
    firstFault(attributes, (key, attribute) => {
      const odd = oddMember(`attributes.${key}`, attribute, membersOf(attribute));
      if (odd !== undefined) return odd;
      const typed = checkTypedAttribute(`attributes.${key}`, attribute);
      if (typed !== undefined) return fault(...typed);
      if ('maxLength' in attribute && !integerIn(attribute.maxLength, 1, 4096))
        return fault(`attributes.${key}.maxLength`, attribute.maxLength, 'an integer from 1 to 4096');
      return checkOptional(`attributes.${key}`, attribute);
    }) ??
    checkTimes(definition) ??
    checkRules(definition) ??
    checkCsv(definition) ??
    checkFormats(definition)
  );
}

/** Of an attribute of each type. */
function membersOf(attribute: Attribute): readonly string[] {
  if (typeof attribute !== 'object' || attribute === null) return ['maxLength', 'optional'];
  if ('values' in attribute) return ['values', 'optional'];
  return 'type' in attribute ? ['type', 'min', 'max', 'optional'] : ['maxLength', 'optional'];
}

function checkNames({
  measures = {},
  attributes = {},
  sensorIdField,
  defaultSensorId,
  unnamed,
  entity,
  at,
  sensorsOfThing,
}: DatasetDefinition) {
  const seen = new Set(reserved);
  const names = [...Object.keys(measures), ...Object.keys(attributes)];
  for (const field of [sensorIdField, entity, at]) if (field !== undefined) names.push(field);
  for (const name of names) {
    if (typeof name !== 'string' || !fieldPattern.test(name) || name in Object.prototype)
      return fault('the name of a field', name, 'letters, digits and _, at most 64, a letter first');
    if (seen.has(name.toLowerCase()))
      return fault(
        'the name of a field',
        name,
        `a name of its own, in any case, and none of ${reserved.join(', ')}`,
      );
    seen.add(name.toLowerCase());
  }
  const things = checkThings(sensorsOfThing);
  if (things !== undefined) return things;
  if (unnamed !== undefined && typeof unnamed !== 'boolean')
    return fault('unnamed', unnamed, 'true or false');
  if (unnamed && sensorIdField === undefined && entity === undefined)
    return fault('sensorIdField', sensorIdField, 'the field by which lines are known that name no dataset');
  if (defaultSensorId !== undefined) {
    const canonical = typeof defaultSensorId === 'string' ? canonicalSensorId(defaultSensorId) : undefined;
    if (canonical === undefined) return fault('defaultSensorId', defaultSensorId, acceptedSensorId);
    if (canonical !== defaultSensorId)
      return fault('defaultSensorId', defaultSensorId, `its canonical form, ${JSON.stringify(canonical)}`);
  }
  return undefined;
}

/** Most patterns of the sensors of a device. */
const maxThingPatterns = 10;

function checkThings(patterns: DatasetDefinition['sensorsOfThing']): string | undefined {
  if (patterns === undefined) return undefined;
  if (!Array.isArray(patterns) || patterns.length === 0 || patterns.length > maxThingPatterns)
    return fault('sensorsOfThing', patterns, `a list of 1 to ${maxThingPatterns} patterns such as {thing}-*`);
  const isSound = (pattern: unknown) =>
    typeof pattern === 'string' &&
    pattern.split('{thing}').length === 2 &&
    /^[^*]*\*?$/.test(pattern) &&
    canonicalSensorId(pattern) === pattern;
  const odd = patterns.find((pattern) => !isSound(pattern));
  if (odd === undefined) return undefined;
  return fault(
    'sensorsOfThing',
    odd,
    'the id of a sensor with {thing} once, and an asterisk at its end or none',
  );
}

function checkTimes({ time, maxAhead, earliest, csv }: DatasetDefinition) {
  if (time !== undefined && time !== 'arrival')
    return fault('time', time, 'arrival, or none, where each line has its timestamp');
  if (time === 'arrival' && csv?.timestamp !== undefined)
    return fault('csv.timestamp', csv.timestamp, "none where time is 'arrival': a file has one or the other");
  if (maxAhead !== undefined && parseDuration(maxAhead) === undefined)
    return fault('maxAhead', maxAhead, 'a number and a unit such as 1 hour or 10 days');
  if (earliest !== undefined && !isAcceptedDay(earliest))
    return fault('earliest', earliest, 'a date YYYY-MM-DD from 1970 to 2099');
  return undefined;
}

function checkRules({
  measures = {},
  missing = [],
  alerts = {},
  expectedEvery,
  maxUnreadable,
  synthetic = {},
}: DatasetDefinition) {
  const measured = Object.keys(measures).join(', ');
  const wrong = missing.find((value) => !Number.isFinite(value) && !isWord(value));
  if (wrong !== undefined) return fault('missing', wrong, 'finite numbers, and words that are no numbers');
  if (expectedEvery !== undefined && parseDuration(expectedEvery) === undefined)
    return fault('expectedEvery', expectedEvery, 'a number and a unit such as 15 minutes or 7 days');
  if (maxUnreadable !== undefined && !(maxUnreadable >= 0 && maxUnreadable <= 1))
    return fault('maxUnreadable', maxUnreadable, 'a number from 0 to 1');
  return (
    firstFault(alerts, (key, rule) => {
      const odd = oddMember(`alerts.${key}`, rule, ruleMembers);
      if (odd !== undefined) return odd;
      if (!/^[a-z][a-z0-9-]{0,62}$/.test(key))
        return fault('the name of an alert', key, 'a-z, 0-9 and -, at most 63');
      if (!Object.hasOwn(measures, rule.measure))
        return fault(`alerts.${key}.measure`, rule.measure, measured);
      const found = checkAlertRule(rule);
      return found && fault(`alerts.${key}${found[0] && '.'}${found[0]}`, found[1], found[2]);
    }) ??
    firstFault(synthetic, (key, shape) => {
      if (!Object.hasOwn(measures, key)) return fault(`synthetic.${key}`, key, measured);
      const odd = Object.entries(shape).find(([, value]) => !Number.isFinite(value));
      return odd && fault(`synthetic.${key}.${odd[0]}`, odd[1], 'a finite number');
    })
  );
}

function checkCsv({ csv, time, measures = {}, attributes = {} }: DatasetDefinition) {
  if (csv === undefined) return undefined;
  if (time !== 'arrival') {
    if (!Array.isArray(csv.timestamp) || csv.timestamp.length !== 2 || typeof csv.timestamp[0] !== 'string')
      return fault('csv.timestamp', csv.timestamp, '[column, format]');
    const format = checkTimeFormat(csv.timestamp[1]);
    if (format !== undefined) return fault('csv.timestamp', csv.timestamp[1], format);
  }
  const accepted = [
    'sensorId',
    'revision',
    'withdrawn',
    ...Object.keys(measures),
    ...Object.keys(attributes),
  ];
  for (const [field, column] of Object.entries(csv)) {
    if (field === 'timestamp') continue;
    if (!accepted.includes(field)) return fault(`csv.${field}`, field, accepted.join(', '));
    if (typeof column !== 'string' || column === '')
      return fault(`csv.${field}`, column, 'the name of a column');
  }
  return undefined;
}

function checkFormats({ formats, time, measures = {}, attributes = {}, missing = [] }: DatasetDefinition) {
  if (formats === undefined) return undefined;
  if (!Array.isArray(formats)) return fault('formats', formats, 'a list of formats');
  const subject = { time, missing, measures, attributes: Object.keys(attributes) };
  for (const [at, format] of formats.entries()) {
    const found = checkFormat(format, subject);
    if (found !== undefined) return fault(`formats[${at}]${found[0] && '.'}${found[0]}`, found[1], found[2]);
  }
  return undefined;
}

function firstFault<T>(
  entries: Readonly<Record<string, T>>,
  check: (key: string, value: T) => string | undefined,
) {
  for (const [key, value] of Object.entries(entries)) {
    const found = check(key, value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A member that is none: written wrong, it would say nothing without a word. */
function oddMember(field: string, value: unknown, accepted: readonly string[]): string | undefined {
  if (typeof value !== 'object' || value === null) return fault(field, value, `{ ${accepted.join(', ')} }`);
  const odd = Object.keys(value).find((member) => !accepted.includes(member));
  return odd === undefined
    ? undefined
    : fault(field === '' ? 'a member' : `a member of ${field}`, odd, accepted.join(', '));
}

function checkOptional(field: string, { optional }: { readonly optional?: unknown }): string | undefined {
  if (optional === undefined || typeof optional === 'boolean') return undefined;
  return fault(`${field}.optional`, optional, 'true or false');
}

const isWord = (value: unknown) =>
  typeof value === 'string' && value === value.trim() && value !== '' && Number.isNaN(Number(value));
const integerIn = (value: unknown, min: number, max: number) =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
const isAcceptedDay = (value: unknown) => {
  const day = typeof value === 'string' ? parseDay(value) : undefined;
  return day !== undefined && day >= 0 && day < endTimestampMs / dayMs;
};
const numberIn = (value: unknown) => typeof value === 'number' && Math.abs(value) <= limit;

function fault(field: string, found: unknown, accepted: string): string {
  return `${field} is ${JSON.stringify(found) ?? 'missing'}; accepted: ${accepted}`;
}
