import { shippedJson } from '../../core/formats/shipped-json.ts';

export const senml = shippedJson({
  name: 'senml',
  title: 'SenML, RFC 8428',
  about: `Packs of sensor measurements in JSON, resolved as the RFC says: base name, time, unit, value and sum hold for the records behind them. The name of a record is taken apart at its last colon, the
sensor before it and the parameter behind it, as in "urn:dev:ow:10e2073a0108006:temp"; for another form give \`fields.sensorId\` and \`long\` with patterns of your own. Say in \`parameters\` which measure each is. Records of one sensor and time make up a reading. Times
relative to the moment of sending are rejected, and so are units that are neither those of the measure nor converted to it: SenML's degree is Cel. Texts, booleans and data are passed over.`,
  recognises: (start) => /^\s*\[\s*\{/.test(start) && /"(?:bn|n)"\s*:\s*"/.test(start) && /"(?:v|vs|vb|vd|s)"\s*:/.test(start),
  format: {
    kind: 'json',
    syntax: 'senml',
    records: '$[*]',
    when: { '$[0].bn': 'present' },
    time: { path: '@.t', format: 'epoch-s' },
    fields: { sensorId: { path: '@.n', pattern: '{sensorId}:*' } },
    long: { parameter: { path: '@.n', pattern: '*:{parameter}' }, value: '@.v', unit: '@.u', parameters: {} },
  },
}); // biome-ignore format: short
