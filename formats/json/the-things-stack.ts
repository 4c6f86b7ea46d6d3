import { shippedJson } from '../../core/formats/shipped-json.ts';

export const theThingsStack = shippedJson({
  name: 'the-things-stack',
  title: 'The Things Stack v3, uplink messages',
  about: `Uplink messages of The Things Stack (The Things Network), as its storage integration, webhooks and MQTT give them. The sensor is the id of the device;
measures are members of decoded_payload, which the payload formatter of your application makes: name those that are called otherwise in \`fields\`. The time is
received_at of the application server, in UTC with nanoseconds. Joins, acknowledgements and uplinks without a decoded payload are none of it.`,
  recognises: (start) => /^\s*[[{]/.test(start) && /"end_device_ids"\s*:/.test(start) && /"uplink_message"\s*:/.test(start),
  format: {
    kind: 'json',
    when: { '$.end_device_ids.device_id': 'present', '$.uplink_message.decoded_payload': 'present' },
    time: { path: '$.received_at', format: 'iso' },
    values: '$.uplink_message.decoded_payload',
    fields: { sensorId: '$.end_device_ids.device_id' },
  },
}); // biome-ignore format: short
