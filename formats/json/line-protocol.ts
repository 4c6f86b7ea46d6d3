import { shippedJson } from '../../core/formats/shipped-json.ts';
import { readPoint } from '../../core/lines/json/line-protocol.ts';

const firstLines = 20;

export const lineProtocol = shippedJson({
  name: 'line-protocol',
  title: 'InfluxDB line protocol',
  about: `Files of points as InfluxDB takes them, and as Telegraf and the exports of InfluxDB write them, with such a \`match\` as '*.lp'. Each point is a document: \`$.measurement\`, \`$.tags\`, \`$.fields\` and \`$.timestamp\`. Measures are fields
by their own names. Say which tag is the sensor, \`fields: { sensorId: '$.tags.station' }\`, where no folder and no name of a file does, and where there are several measurements, which one is read: \`filter: [{ path: '$.measurement', in: ['weather'] }]\`. Timestamps are nanoseconds,
unless \`timeFormat\` says 'epoch-us', 'epoch-ms' or 'epoch-s'. A point is a reading: what InfluxDB would merge, points of one sensor and time with other fields, as in its exports with a field a line, has to be read field by field, by
\`records: '$.fields.*'\` and \`long: { parameter: { key: 1 }, value: '@', parameters: { temp: 'temperature' } }\`.`,
  recognises: (start) => {
    const lines = start.split('\n').filter((line) => !/^\s*(?:#|CREATE DATABASE |$)/.test(line));
    if (lines.length > 1 && !start.endsWith('\n')) lines.pop(); // it may be cut
    return lines.length > 0 && lines.slice(0, firstLines).every((line) => 'measurement' in readPoint(line));
  },
  format: {
    kind: 'json',
    syntax: 'line-protocol',
    time: { path: '$.timestamp', format: 'epoch-ns' },
    values: '$.fields',
  },
});
