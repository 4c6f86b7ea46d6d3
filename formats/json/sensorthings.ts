import { shippedJson } from '../../core/formats/shipped-json.ts';

export const sensorthings = shippedJson({
  name: 'sensorthings',
  title: 'OGC SensorThings API, observations',
  about: `Answers of a SensorThings server to Observations?$expand=Datastream, one page or more in a file. The sensor is the name of the Datastream; with its Thing expanded too it may be
\`fields: { sensorId: '@.Datastream.Thing.name' }\`. Name the measure: \`fields: { temperature: '@.result' }\`, or in \`long\` by the observed property. A phenomenonTime that is an interval counts from its start; give \`time\` of
your own for its end. Times have offsets.`,
  recognises: (start) => /^\s*\{/.test(start) && /"value"\s*:\s*\[/.test(start) && /"phenomenonTime"\s*:/.test(start) && /"result"\s*:/.test(start),
  format: {
    kind: 'json',
    records: '$.value[*]',
    when: { '$.value[0].phenomenonTime': 'present' },
    time: { path: '@.phenomenonTime', format: 'iso', interval: 'start' },
    fields: { sensorId: '@.Datastream.name' },
  },
}); // biome-ignore format: short
