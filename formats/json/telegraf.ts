import { shippedJson } from '../../core/formats/shipped-json.ts';

/** What metrics have in common, alone and in batches. */
export const metrics = {
  kind: 'json',
  time: { path: '@.timestamp', format: 'epoch-s' },
  values: '@.fields',
  fields: { sensorId: '@.tags.host' },
} as const;

/** Whether a text has the members of a metric. */
export const hasMetric = (start: string): boolean =>
  ['fields', 'name', 'tags', 'timestamp'].every((member) => new RegExp(`"${member}"\\s*:`).test(start));

export const telegraf = shippedJson({
  name: 'telegraf',
  title: 'Telegraf JSON, one metric a document',
  about: `Metrics that Telegraf's outputs write with data_format = "json", each a document. The sensor is the tag host; another tag is \`fields: { sensorId: '@.tags.station' }\`. Measures
are members of fields. The timestamp is in seconds, unless json_timestamp_units says otherwise: then give \`timeFormat: 'epoch-ms'\` and so on. Where several kinds of
metrics come, \`when\` by '$.name' takes one of them from the stream.`,
  recognises: (start) => /^\s*\{(?!\s*"metrics"\s*:)/.test(start) && hasMetric(start),
  format: {
    ...metrics,
    when: { '$.fields': 'present', '$.name': 'present', '$.tags': 'present', '$.timestamp': 'present' },
  },
});
