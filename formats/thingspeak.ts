import { shippedFormat } from '../core/formats/shipped-format.ts';

export const thingspeak = shippedFormat({
  name: 'thingspeak',
  title: 'ThingSpeak channel feed, CSV',
  about: `What a channel of MathWorks' ThingSpeak exports: created_at, entry_id, and field1 to field8, of which the channel's owner knows what they are: \`columns: { temperature: 'field1' }\`. Times are in
UTC, or have an offset. The file does not say the channel: give \`sensorId\`, or match '{sensorId}.csv'.`,
  recognises: (start) => /^created_at,entry_id,(?:field[1-8]|latitude)/.test(start),
  format: {
    kind: 'text',
    delimiter: ',',
    time: { column: 'created_at', format: 'iso-local', zone: 'UTC' },
    ignore: ['entry_id', 'latitude', 'longitude', 'elevation', 'status'],
  },
});
