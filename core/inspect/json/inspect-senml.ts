import type { JsonSource } from '../../formats/json-format.ts';
import type { ShippedJsonFormat } from '../../formats/shipped-json.ts';
import { patternExpression } from '../../formats/text-pattern.ts';
import { senmlRecords } from '../../lines/json/senml.ts';
import { clockOf } from '../clock.ts';
import { type Answers, certain } from '../finding.ts';
import { expectedEveryOf } from '../intervals.ts';
import { measuresOf } from '../measures.ts';
import { parametersOf, spellingOf } from '../table/long-shape.ts';
import { unitOf } from '../unit-bounds.ts';
import type { JsonFound } from './json-found.ts';

/** Columns of the rows that records become. */
const [sensor, parameter, time, value, unit] = [0, 1, 2, 3, 4];

/** What packs of SenML are for a dataset: the parameters that their records name, each a measure. */
export function inspectSenml(
  packs: readonly unknown[],
  { known, answers }: { known: ShippedJsonFormat; answers: Answers },
): JsonFound | { readonly fault: string } {
  if (packs.flat().some(isNameless))
    return {
      fault: `it is ${known.title}, and records of it have no name beside the base name, so that nothing says what they measure: describe it yourself, with formats/json/${known.name}.ts`,
    };
  const { fields, long } = known.format;
  const [sensorOf, parameterOf] = [partOf(fields?.sensorId, 'sensorId'), partOf(long?.parameter, 'parameter')];
  const rows = packs.flatMap((pack) =>
    [...senmlRecords(pack)].flatMap((place) => {
      if ('kind' in place) return [];
      const { n = '', t = '', v, u = '' } = place.record as Readonly<Record<string, string | number>>;
      const [id, name] = [sensorOf(String(n)), parameterOf(String(n))];
      return v === undefined || id === undefined || name === undefined ? [] : [[id, name, t, v, u].map(String)];
    }),
  );
  const columns = parametersOf(rows, { parameter, value, unit });
  const said = new Map(columns.map(({ name, unit: text = '' }) => [name, text]));
  const { measures, unread } = measuresOf(
    columns.map(({ unit: text, ...column }) =>
      text === undefined ? column : { ...column, unit: unitOf(text) ?? text },
    ),
    { notation: { decimal: '.' }, answers, known: [] },
  );
  if (measures.length === 0)
    return { fault: `it is ${known.title}, and no record of it has a number, a time since 1970 and a name with a colon` };
  const parameters = Object.fromEntries(
    measures.map(({ name, column, nothing, unit: ofMeasure }) => {
      const more = {
        ...(nothing.length === 0 ? {} : { nothing }),
        ...spellingOf(said.get(column) ?? '', ofMeasure),
      };
      return [column, Object.keys(more).length === 0 ? name : { measure: name, ...more }];
    }),
  );
  const series = Map.groupBy(rows, (row) => row[sensor] ?? '');
  const timesMs = [...series.values()].map((own) => [...new Set(own.map((row) => Number(row[time]) * 1000))]);
  const clock = clockOf({ format: 'epoch-s', zone: 'each' }, { heads: [], localMs: [] }, answers);
  return {
    format: { ...(long && { long: { ...long, parameters } }) },
    ...{ isTimeless: false, timeZone: clock.timeZone, expectedEvery: expectedEveryOf(timesMs), measures, unread },
    findings: [
      certain('records', '$[*]', 'a pack has a record for each value'),
      certain('time', '@.t as epoch-s', 'such packs have it so'),
      ...clock.findings,
      certain('sensor', 'the name before its last colon', [...series.keys()].slice(0, 3).join(', ')),
      ...measures.flatMap(({ findings }) => findings),
    ],
    questions: clock.questions,
  };
} // biome-ignore format: short

const isNameless = (record: unknown): boolean =>
  typeof record === 'object' && record !== null && 'v' in record && !Object.hasOwn(record, 'n');

/** What a text says in the place of a placeholder of the pattern that a format has for it. */
function partOf(source: JsonSource | object | undefined, name: string): (text: string) => string | undefined {
  if (typeof source !== 'object' || !('pattern' in source) || typeof source.pattern !== 'string')
    return () => undefined;
  const expression = patternExpression(source.pattern);
  return (text) => expression.exec(text)?.groups?.[name];
}
