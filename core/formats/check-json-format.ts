import {
  checkClock,
  checkConversion,
  checkMatch,
  checkNotation,
  checkNothing,
  checkValue,
  type FormatFault,
  type FormatSubject,
  fieldsOf,
  isName,
  oneOf,
} from './check-parts.ts';
import type { JsonFormat, JsonSource, PathDeclaration, PathFilter } from './json-format.ts';
import { acceptedPath, everyElement, isEvery, type JsonPath, parsePath, pathText } from './json-path.ts';
import { encodings } from './text-format.ts';

const known: ReadonlySet<string> = new Set([
  ...['kind', 'match', 'encoding', 'when', 'records', 'values', 'decimal', 'thousands', 'nothing'],
  ...['time', 'sensorId', 'fields', 'long', 'filter', 'syntax', 'others', 'names'],
]);
const maxFields = 10_000;

/** The first fault of a format; `undefined` when it is sound. */
export function checkJsonFormat(format: JsonFormat, subject: FormatSubject): FormatFault | undefined {
  const odd = Object.keys(format).find((name) => !known.has(name));
  if (odd !== undefined) return [odd, odd, [...known].join(', ')];
  const { match, when, records = '$', values = '@', decimal, thousands, nothing, others } = format;
  if (match === undefined && when === undefined)
    return ['match', match, 'the files, or in `when` the lines, that it reads'];
  const within = parsePath(records);
  if (within?.root !== '$') return ['records', records, 'a path from $, such as $.value[*]'];
  return (
    (match === undefined ? undefined : checkMatch(match)) ??
    oneOf('encoding', format.encoding, encodings) ??
    checkConditions(when) ??
    checkPath('values', values, within) ??
    checkNames(format, within) ??
    checkNotation({ decimal, thousands }) ??
    checkNothing('nothing', nothing) ??
    oneOf('others', others, ['ignore', 'refuse']) ??
    oneOf('syntax', format.syntax, ['senml', 'line-protocol', 'sqs']) ??
    checkLineProtocol(format) ??
    checkFilter(format.filter, within) ??
    checkLong(format, subject, within) ??
    checkTime(format, subject, within) ??
    checkFields(format, subject, within) ??
    checkSensor(format)
  );
}

/** What a format of points can't have. */
function checkLineProtocol({ syntax, when, others }: JsonFormat): FormatFault | undefined {
  if (syntax !== 'line-protocol') return undefined;
  if (when !== undefined) return ['when', when, 'none with line-protocol, which is read from files'];
  if (others === 'refuse') return ['others', others, 'ignore with line-protocol'];
  return undefined;
}

/** A path of one value: the first `*` in it stands for what the first one stands for in `records`, and so on. */
function checkPath(at: string, text: unknown, records: JsonPath): FormatFault | undefined {
  const path = parsePath(text);
  if (path === undefined) return [at, text, acceptedPath];
  const [stars, known] = [path.segments.filter(isEvery), records.segments.filter(isEvery)];
  if (path.root === '@' ? stars.length === 0 : stars.every((star, i) => star === known[i])) return undefined;
  return [at, text, `a path to one value: * only for those of ${pathText(records)}, in their order, from $`];
}

/** The names of elements: of one list, which is the same for all records that a `*` of `records` stands for. */
function checkNames({ names, records, syntax }: JsonFormat, within: JsonPath): FormatFault | undefined {
  if (names === undefined) return undefined;
  if (syntax !== undefined) return ['names', names, `none with ${syntax}`];
  if (records === undefined || within.segments.at(-1) !== everyElement)
    return ['names', names, 'none but where `records` ends in [*], and each is a list'];
  const path = parsePath(names);
  const accepted =
    'a path from $ to a list of texts, such as $.columns, or $.fields[*].id, outside of the records';
  if (path?.root !== '$') return ['names', names, accepted];
  const own = path.segments.findIndex((segment, i) => segment !== within.segments[i]);
  const rest = own === -1 ? [] : path.segments.slice(own);
  const stars = rest.filter(isEvery);
  return own === -1 || stars.length > 1 || stars.some((star) => star !== everyElement)
    ? ['names', names, accepted]
    : undefined;
}

function checkConditions(when: JsonFormat['when']): FormatFault | undefined {
  if (when === undefined) return undefined;
  if (typeof when !== 'object' || when === null || Object.keys(when).length === 0)
    return ['when', when, "paths from $, each with 'present' or the values that it may have"];
  for (const [path, condition] of Object.entries(when)) {
    const parsed = parsePath(path);
    if (parsed?.root !== '$' || parsed.segments.some(isEvery))
      return [`when[${JSON.stringify(path)}]`, path, 'a path from $ without *'];
    const isList =
      Array.isArray(condition) &&
      condition.length > 0 &&
      condition.every((value) => ['string', 'number', 'boolean'].includes(typeof value));
    if (condition !== 'present' && !isList)
      return [
        `when[${JSON.stringify(path)}]`,
        condition,
        "'present', or a list of texts, numbers and booleans",
      ];
  }
  return undefined;
}

function checkTime(
  { time, syntax }: JsonFormat,
  subject: FormatSubject,
  records: JsonPath,
): FormatFault | undefined {
  const hasNone = subject.time === 'arrival' && (time === undefined || syntax !== 'line-protocol');
  if (hasNone)
    return time === undefined ? undefined : ['time', time, "none where the dataset's time is 'arrival'"];
  if (typeof time !== 'object' || time === null) return ['time', time, '{ path, format }'];
  const members = ['path', 'format', 'zone', 'shift', 'interval', 'offset'];
  const odd = Object.keys(time).find((name) => !members.includes(name));
  if (odd !== undefined) return [`time.${odd}`, odd, members.join(', ')];
  const paths = [time.path].flat();
  if (paths.length === 0) return ['time.path', time.path, 'a path, or several'];
  for (const path of paths) {
    const isKey = typeof path === 'object' && path !== null && 'key' in path;
    const fault = isKey
      ? checkSource('time.path', path, { placeholder: undefined, records })
      : checkPath('time.path', path, records);
    if (fault !== undefined) return fault;
  }
  const { offset, zone, format: written } = time;
  if (offset !== undefined && zone !== undefined)
    return ['time.zone', zone, 'none where `offset` says what it is in each document'];
  if (offset !== undefined && (written === 'iso' || /^epoch-/.test(written)))
    return ['time.offset', offset, `none with ${written}, which says its own`];
  const fault = offset === undefined ? undefined : checkPath('time.offset', offset, records);
  if (fault !== undefined) return fault;
  return oneOf('time.interval', time.interval, ['start', 'end']) ?? checkClock(time);
}

function checkFields(format: JsonFormat, subject: FormatSubject, records: JsonPath): FormatFault | undefined {
  const { fields = {} } = format;
  if (typeof fields !== 'object' || fields === null) return ['fields', fields, 'fields by their paths'];
  const names = fieldsOf(subject);
  if (Object.keys(fields).length > maxFields) return ['fields', 'too many', `at most ${maxFields}`];
  for (const [field, declared] of Object.entries(fields)) {
    const at = `fields.${field}`;
    if (!names.includes(field)) return [at, field, names.join(', ')];
    const measure = Object.hasOwn(subject.measures, field) ? subject.measures[field] : undefined;
    const sources = field === 'sensorId' && Array.isArray(declared) ? declared : [declared];
    if (sources.length === 0) return [at, declared, 'a path, or several'];
    for (const source of sources) {
      const fault =
        measure && isConverted(source)
          ? (checkMeasure(at, source, { unit: measure.unit, records }) ??
            checkConversion(at, source, { ...measure, ...subject }))
          : checkSource(at, source, {
              placeholder: field === 'sensorId' ? '{sensorId}' : undefined,
              records,
            });
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

const isConverted = (source: unknown): source is PathDeclaration =>
  typeof source === 'object' && source !== null && 'path' in source && !('pattern' in source);

function checkMeasure(
  at: string,
  declared: PathDeclaration,
  { unit, records }: { unit: string; records: JsonPath },
): FormatFault | undefined {
  const { path, flag, ...value } = declared;
  return (
    checkSource(`${at}.path`, path, { placeholder: undefined, records }) ??
    checkValue(at, value, unit) ??
    (flag === undefined ? undefined : checkCondition(`${at}.flag`, flag, records))
  );
}

function checkSource(
  at: string,
  source: JsonSource,
  { placeholder, records }: { placeholder: '{sensorId}' | '{parameter}' | undefined; records: JsonPath },
): FormatFault | undefined {
  if (typeof source === 'string') {
    if (!isName(source)) return [at, source, 'a path, or the name of a member'];
    return /^[$@]/.test(source) ? checkPath(at, source, records) : undefined;
  }
  if (typeof source !== 'object' || source === null) return [at, source, 'a path, or the name of a member'];
  if ('key' in source) {
    const levels = records.segments.filter(isEvery).length;
    const isSound = Number.isInteger(source.key) && source.key >= 1 && source.key <= levels;
    if (isSound && Object.keys(source).length === 1) return undefined;
    const accepted =
      levels === 0 ? 'none where `records` has no *' : `which * of \`records\`: 1 to ${levels}`;
    return [`${at}.key`, source.key, accepted];
  }
  if (placeholder === undefined || !('pattern' in source))
    return [at, source, 'a path, or the name of a member'];
  const { path, pattern, ...more } = source;
  const [odd] = Object.keys(more);
  if (odd !== undefined) return [`${at}.${odd}`, odd, 'path, pattern'];
  const isSound = typeof pattern === 'string' && pattern.split(placeholder).length === 2;
  if (!isSound)
    return [`${at}.pattern`, pattern, `a text with ${placeholder} once, such as tele/${placeholder}/SENSOR`];
  return checkSource(`${at}.path`, path, { placeholder: undefined, records });
}

function checkSensor({ match = [], sensorId, fields = {} }: JsonFormat): FormatFault | undefined {
  const isInName = [match].flat().some((pattern) => pattern.includes('{sensorId}'));
  if (isInName && (sensorId !== undefined || fields.sensorId !== undefined))
    return ['sensorId', sensorId ?? fields.sensorId, "none where the file's name has it"];
  if (sensorId !== undefined && fields.sensorId !== undefined)
    return ['sensorId', sensorId, 'none where a path has it'];
  if (sensorId !== undefined && !isName(sensorId)) return ['sensorId', sensorId, "a sensor's id"];
  return undefined;
}

function checkFilter(filter: unknown, records: JsonPath): FormatFault | undefined {
  if (filter === undefined) return undefined;
  if (!Array.isArray(filter)) return ['filter', filter, 'a list of { path, in } or { path, notIn }'];
  for (const [index, each] of filter.entries()) {
    const fault = checkCondition(`filter[${index}]`, each, records);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function checkCondition(at: string, condition: unknown, records: JsonPath): FormatFault | undefined {
  if (typeof condition !== 'object' || condition === null)
    return [at, condition, '{ path, in } or { path, notIn }'];
  const { path, in: accepted, notIn, ...more } = condition as PathFilter;
  const [odd] = Object.keys(more);
  if (odd !== undefined) return [`${at}.${odd}`, odd, 'path, in, notIn'];
  if ((accepted === undefined) === (notIn === undefined)) return [at, condition, 'in, or notIn'];
  const values: unknown = accepted ?? notIn;
  const isSound =
    Array.isArray(values) &&
    values.length > 0 &&
    values.every((value) => typeof value === 'string' || Number.isFinite(value));
  if (!isSound) return [`${at}.${accepted === undefined ? 'notIn' : 'in'}`, values, 'texts or numbers'];
  return checkPath(`${at}.path`, path, records);
}

function checkLong(
  { long, fields = {} }: JsonFormat,
  subject: FormatSubject,
  records: JsonPath,
): FormatFault | undefined {
  if (long === undefined) return undefined;
  if (typeof long !== 'object' || long === null)
    return ['long', long, '{ parameter, value, unit, parameters }'];
  const { parameter, value, unit, parameters, ...more } = long;
  const [odd] = Object.keys(more);
  if (odd !== undefined) return [`long.${odd}`, odd, 'parameter, value, unit, parameters'];
  const declared = Object.keys(subject.measures).find((measure) => Object.hasOwn(fields, measure));
  if (declared !== undefined)
    return [`fields.${declared}`, fields[declared], 'no path of a measure beside `long`'];
  if (subject.time === 'arrival') return ['long', long, 'none in a dataset whose readings may have no time'];
  if (typeof parameters !== 'object' || parameters === null || Object.keys(parameters).length === 0)
    return [
      'long.parameters',
      parameters,
      'the texts of parameters, each with the measure that it stands for',
    ];
  for (const [text, each] of Object.entries(parameters)) {
    const at = `long.parameters.${text}`;
    const { measure: field, ...rest } = typeof each === 'string' ? { measure: each } : (each ?? {});
    const measure = Object.hasOwn(subject.measures, field ?? '') ? subject.measures[field] : undefined;
    if (measure === undefined) return [at, each, Object.keys(subject.measures).join(', ')];
    const fault =
      checkValue(at, rest, measure.unit, unit !== undefined) ??
      checkConversion(at, rest, { ...measure, ...subject });
    if (fault !== undefined) return fault;
  }
  return (
    checkSource('long.parameter', parameter, { placeholder: '{parameter}', records }) ??
    checkPath('long.value', value, records) ??
    (unit === undefined ? undefined : checkPath('long.unit', unit, records))
  );
}
