import { shippedJson } from '../../core/formats/shipped-json.ts';

export const awsIotRule = shippedJson({
  name: 'aws-iot-rule',
  title: 'AWS IoT Core, payloads by a rule',
  about: `What a rule of AWS IoT Core hands to Firehose: the members of a device's JSON, and beside them what the rule's SQL adds, as here
"SELECT *, topic(2) AS device, timestamp() AS received_at FROM 'tele/+/SENSOR'". The sensor is device, and the time received_at, when the rule saw the message, in ms. Where the
rule has other names, or the payload has the time of the measurement, give \`fields\`, \`time\` and \`when\` in a format of your own. Set the separator of the rule's Firehose action to a newline; without one the lines are read
as well.`,
  recognises: (start) => /^\s*\{/.test(start) && /"received_at"\s*:\s*\d{13}\D/.test(start) && /"device"\s*:/.test(start),
  format: {
    kind: 'json',
    when: { '$.device': 'present', '$.received_at': 'present' },
    time: { path: '$.received_at', format: 'epoch-ms' },
    fields: { sensorId: '$.device' },
  },
}); // biome-ignore format: short
