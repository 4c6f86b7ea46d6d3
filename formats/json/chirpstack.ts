import { shippedJson } from '../../core/formats/shipped-json.ts';

export const chirpstack = shippedJson({
  name: 'chirpstack',
  title: 'ChirpStack v4, uplink events',
  about: `Uplink events of ChirpStack's integrations in JSON (MQTT topic application/…/device/…/event/up, HTTP, Kinesis). The sensor is the device's EUI, since names can be
changed; for the name give \`fields: { sensorId: '$.deviceInfo.deviceName' }\`. Measures are members of object, which the codec of the device profile makes. The time is that of the
uplink, with an offset. Events of a profile without a codec, and other events, are none of it.`,
  recognises: (start) => /^\s*[[{]/.test(start) && /"deduplicationId"\s*:/.test(start) && /"deviceInfo"\s*:/.test(start),
  format: {
    kind: 'json',
    when: { '$.deduplicationId': 'present', '$.deviceInfo.devEui': 'present', '$.object': 'present' },
    time: { path: '$.time', format: 'iso' },
    values: '$.object',
    fields: { sensorId: '$.deviceInfo.devEui' },
  },
}); // biome-ignore format: short
