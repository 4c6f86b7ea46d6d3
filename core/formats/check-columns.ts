import { acceptedSensorId, canonicalSensorId } from '../dataset/sensor-id.ts';
import {
  checkConversion,
  checkValue,
  type FormatFault,
  type FormatSubject,
  fieldsOf,
} from './check-parts.ts';
import { checkColumnName, isOfSensors } from './column-name.ts';
import {
  type CellFilter,
  type ColumnDeclaration,
  isWide,
  type LongDeclaration,
  type TextFormat,
} from './text-format.ts';

/** The first fault of what a format says of columns. */
export function checkColumns(format: TextFormat, subject: FormatSubject): FormatFault | undefined {
  const { columns = {}, sensorId, long, ignore = [], fill = [], filter = [] } = format;
  if (typeof columns !== 'object' || columns === null) return ['columns', columns, 'fields by their columns'];
  if (!Array.isArray(ignore) || ignore.some((name) => checkColumnName(name) !== undefined))
    return ['ignore', ignore, 'a list of names of columns'];
  if (!Array.isArray(fill) || fill.some((name) => checkColumnName(name) !== undefined))
    return ['fill', fill, 'a list of names of columns'];
  // A second header is told from rows by its time.
  if (filter.length > 0 && subject.time === 'arrival')
    return ['filter', filter, 'none in a dataset whose readings may have no time'];
  if (!Array.isArray(filter)) return ['filter', filter, 'a list of { column, in } or { column, notIn }'];
  for (const [at, each] of filter.entries()) {
    const fault = checkFilter(`filter[${at}]`, each);
    if (fault !== undefined) return fault;
  }
  const fields = fieldsOf(subject);
  for (const [field, declared] of Object.entries(columns)) {
    if (!fields.includes(field)) return [`columns.${field}`, field, fields.join(', ')];
    const measure = Object.hasOwn(subject.measures, field) ? subject.measures[field] : undefined;
    const fault = measure
      ? (checkMeasure(field, declared, measure.unit) ??
        checkConversion(`columns.${field}`, declared, { ...measure, ...subject }))
      : checkField(field, declared);
    if (fault !== undefined) return fault;
    if (measure && long !== undefined)
      return [`columns.${field}`, declared, 'no column of a measure beside `long`'];
  }
  const fault = (long !== undefined ? checkLong(long, subject) : undefined) ?? checkWide(format, subject);
  if (fault !== undefined) return fault;
  const patterns = [format.match].flat();
  const isInName = patterns.some((pattern) => pattern.includes('{sensorId}'));
  if (isInName && (sensorId !== undefined || columns.sensorId !== undefined))
    return ['sensorId', sensorId ?? columns.sensorId, "none where the file's name has it"];
  if (sensorId !== undefined && columns.sensorId !== undefined)
    return ['sensorId', sensorId, 'none where a column has it'];
  return checkSensorLine(format, isInName);
}

function checkSensorLine({ sensorLine, sensorId, columns = {}, comment, skipLines = 0 }: TextFormat, isInName: boolean): FormatFault | undefined {
  if (sensorLine === undefined) return undefined;
  const patterns: unknown[] = [sensorLine].flat();
  const accepted = 'a text with {sensorId} once, such as # Station: {sensorId}, or several';
  if (patterns.length === 0) return ['sensorLine', sensorLine, accepted];
  const odd = patterns.find((pattern) => typeof pattern !== 'string' || !isOfSensors(pattern) || checkColumnName(pattern, { ofSensors: true }) !== undefined);
  if (odd !== undefined) return ['sensorLine', odd, accepted];
  if (isInName || sensorId !== undefined || columns.sensorId !== undefined || Object.values(columns).some(isWide))
    return ['sensorLine', sensorLine, 'one place for the sensor'];
  if (comment === undefined && skipLines === 0)
    return ['sensorLine', sensorLine, 'none without lines that are no rows: `comment`, or `skipLines`'];
  return undefined;
} // biome-ignore format: a check a line

function checkMeasure(field: string, declared: unknown, unit: string): FormatFault | undefined {
  const at = `columns.${field}`;
  if (typeof declared === 'string') return checkName(at, declared, { ofSensors: true });
  if (typeof declared !== 'object' || declared === null || Array.isArray(declared))
    return [at, declared, 'the name of a column, or { column, nothing, unit, scale, offset, flag }'];
  const { column, flag, ...value } = declared as ColumnDeclaration;
  const isOfSensors = isWide(declared as ColumnDeclaration);
  return (
    checkMeasureColumn(`${at}.column`, column) ??
    checkValue(at, value, unit) ??
    (flag === undefined ? undefined : checkFilter(`${at}.flag`, flag, { ofSensors: isOfSensors }))
  );
}

function checkMeasureColumn(at: string, column: unknown): FormatFault | undefined {
  if (typeof column !== 'object' || column === null) return checkName(at, column, { ofSensors: true });
  const entries = Object.entries(column);
  if (entries.length === 0) return [at, column, 'columns, each with the sensor that it is of'];
  for (const [name, sensorId] of entries) {
    const accepted = checkColumnName(name);
    if (accepted !== undefined) return [at, name, accepted];
    if (canonicalSensorId(sensorId) === undefined) return [`${at}.${name}`, sensorId, acceptedSensorId];
  }
  return undefined;
}

function checkFilter(at: string, filter: unknown, options?: { ofSensors: boolean }): FormatFault | undefined {
  if (typeof filter !== 'object' || filter === null) return [at, filter, '{ column, in } or { column, notIn }'];
  const { column, in: accepted, notIn, ...more } = filter as CellFilter;
  const [odd] = Object.keys(more);
  if (odd !== undefined) return [`${at}.${odd}`, odd, 'column, in, notIn'];
  const fault = checkName(`${at}.column`, column, options);
  if (fault !== undefined) return fault;
  if ((accepted === undefined) === (notIn === undefined)) return [at, filter, 'in, or notIn'];
  const texts: unknown = accepted ?? notIn;
  const isSound =
    Array.isArray(texts) && texts.length > 0 && texts.every((text) => Number.isFinite(text) || (typeof text === 'string' && text === text.trim()));
  return isSound ? undefined : [`${at}.${accepted === undefined ? 'notIn' : 'in'}`, texts, 'texts or numbers as the file has them, without spaces around'];
} // biome-ignore format: a check a line

/** A table of a column a sensor has no measures of all of them, and no other place for the sensor but a part of it. */
function checkWide(format: TextFormat, subject: FormatSubject): FormatFault | undefined {
  const entries = Object.entries(format.columns ?? {});
  const wide = entries.find(([, declared]) => isWide(declared));
  if (wide === undefined) return undefined;
  const other = entries.find(([field, declared]) => Object.hasOwn(subject.measures, field) && !isWide(declared));
  if (other) return [`columns.${other[0]}`, other[1], `a column of each sensor, as of ${wide[0]}`];
  if (format.sensorId !== undefined || [format.match].flat().some((pattern) => pattern.includes('{sensorId}')))
    return [`columns.${wide[0]}`, wide[1], 'one place for the sensor: the columns, or the name of the file, or `sensorId`'];
  return undefined;
} // biome-ignore format: a check a line

function checkLong(long: LongDeclaration, subject: FormatSubject): FormatFault | undefined {
  if (typeof long !== 'object' || long === null) return ['long', long, '{ parameter, value, unit, parameters }'];
  const { parameter, value, unit, parameters, ...more } = long;
  const [odd] = Object.keys(more);
  if (odd !== undefined) return [`long.${odd}`, odd, 'parameter, value, unit, parameters'];
  const fault =
    checkName('long.parameter', parameter) ??
    checkName('long.value', value) ??
    (unit === undefined ? undefined : checkName('long.unit', unit));
  if (fault !== undefined) return fault;
  if (subject.time === 'arrival') return ['long', long, 'none in a dataset whose readings may have no time'];
  if (typeof parameters !== 'object' || parameters === null || Object.keys(parameters).length === 0)
    return ['long.parameters', parameters, 'the texts of parameters, each with the measure that it stands for'];
  for (const [text, declared] of Object.entries(parameters)) {
    const at = `long.parameters.${text}`;
    const { measure: field, ...rest } = typeof declared === 'string' ? { measure: declared } : (declared ?? {});
    const measure = Object.hasOwn(subject.measures, field ?? '') ? subject.measures[field] : undefined;
    if (measure === undefined) return [at, declared, Object.keys(subject.measures).join(', ')];
    const found =
      checkValue(at, rest, measure.unit, unit !== undefined) ?? checkConversion(at, rest, { ...measure, ...subject });
    if (found !== undefined) return found;
  }
  return undefined;
} // biome-ignore format: a check a line

function checkField(field: string, declared: unknown): FormatFault | undefined {
  const at = `columns.${field}`;
  if (field !== 'sensorId' || !Array.isArray(declared)) return checkName(at, declared);
  if (declared.length === 0) return [at, declared, 'the name of a column, or of several'];
  return declared.map((name) => checkName(at, name)).find((fault) => fault !== undefined);
}

function checkName(at: string, name: unknown, options?: { ofSensors: boolean }): FormatFault | undefined {
  const accepted = checkColumnName(name, options);
  return accepted === undefined ? undefined : [at, name, accepted];
}
