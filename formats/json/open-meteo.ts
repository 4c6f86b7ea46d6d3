import { shippedJson } from '../../core/formats/shipped-json.ts';

export const openMeteo = shippedJson({
  name: 'open-meteo',
  title: 'Open-Meteo, hourly values of a place',
  about: `Answers of Open-Meteo's API about one place, of its forecast and its archive: lists of values by the hour beside the list of their times. They are a model's, not measured. Name each in \`fields\`, as
\`temperature: '$.hourly.temperature_2m[*]'\`; for days give \`records: '$.daily.time[*]'\` and such paths. All times of an answer have one offset, which it says: that of the zone when it was asked, also for
times in which clocks are changed. Answers in unixtime are of \`timeFormat: 'epoch-s'\` and \`time\` of your own. The place is none of it: a folder or the name of a file says the sensor, or \`sensorId\`.`,
  recognises: (start) => /^\s*\{/.test(start) && /"utc_offset_seconds"\s*:/.test(start) && /"hourly"\s*:\s*\{\s*"time"\s*:\s*\[\s*"/.test(start),
  format: {
    kind: 'json',
    records: '$.hourly.time[*]',
    when: { '$.hourly.time': 'present', '$.utc_offset_seconds': 'present' },
    time: { path: '@', format: 'iso-local', offset: '$.utc_offset_seconds' },
  },
}); // biome-ignore format: short
