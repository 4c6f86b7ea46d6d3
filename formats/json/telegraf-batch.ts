import { shippedJson } from '../../core/formats/shipped-json.ts';
import { hasMetric, metrics } from './telegraf.ts';

export const telegrafBatch = shippedJson({
  name: 'telegraf-batch',
  title: 'Telegraf JSON, batches of metrics',
  about: `Metrics that Telegraf's outputs write with data_format = "json" several at a time, as the HTTP output does: the list metrics of one document. What is said of \`telegraf\` holds
of each of them: the sensor is the tag host, measures are members of fields, timestamps are in seconds unless \`timeFormat\` says otherwise.`,
  recognises: (start) => /^\s*\{\s*"metrics"\s*:\s*\[/.test(start) && hasMetric(start),
  format: { ...metrics, records: '$.metrics[*]', when: { '$.metrics[0].fields': 'present' } },
});
