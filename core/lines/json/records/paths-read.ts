import type { Dataset } from '../../../dataset/dataset.ts';
import type { JsonFormat } from '../../../formats/json-format.ts';
import { type JsonPath, parsePath, type Segment } from '../../../formats/json-path.ts';

/** The paths within a record from which a format reads values; what stands around all records is none of them. */
export function pathsRead(dataset: Dataset, format: JsonFormat): readonly (readonly Segment[])[] {
  const { fields = {}, values = '@', time, records = '$', filter = [], long } = format;
  const found: (readonly Segment[])[] = [];
  const within = (parsePath(records) as JsonPath).segments; // checked, as are the others
  const add = (text: string, name?: string) => {
    const { root, segments } = parsePath(text) as JsonPath;
    const isBelow = within.every((segment, at) => segments[at] === segment);
    if (root === '$' && !isBelow) return;
    const own = root === '@' ? segments : segments.slice(within.length);
    found.push(name === undefined ? own : [...own, name]);
  };
  for (const path of [time?.path ?? []].flat()) if (typeof path === 'string') add(path);
  for (const { path } of filter) add(path);
  if (long?.unit !== undefined) add(long.unit);
  if (long !== undefined) add(long.value);
  const measures = long === undefined ? dataset.measureNames : [];
  for (const name of [...measures, ...dataset.attributeNames, dataset.sensorIdField ?? 'sensorId'])
    if (!Object.hasOwn(fields, name)) add(values, name);
  for (const source of [...Object.values(fields).flat(), long?.parameter ?? []].flat()) {
    if (typeof source !== 'string' && 'key' in source) continue;
    const path = typeof source === 'string' ? source : source.path;
    if (typeof source !== 'string' && 'flag' in source && source.flag !== undefined) add(source.flag.path);
    if (/^[$@]/.test(path)) add(path);
    else add(values, path);
  }
  return found;
}
