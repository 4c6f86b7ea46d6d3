import { shippedFormat } from '../core/formats/shipped-format.ts';

export const meteostat = shippedFormat({
  name: 'meteostat',
  title: 'Meteostat, hourly files of a station and year',
  about: `What data.meteostat.net/hourly has for each station and year, in UTC: year, month, day, hour, then temp (°C), rhum (%), prcp (mm), wdir (°), wspd (km/h), pres (hPa) and others, each with
a column for its source (temp_source). Gaps are filled by models: \`flag: { column: 'temp_source', notIn: ['dwd_mosmix', 'metno_forecast'] }\` takes only what was observed. The station is the
file's name: match '{sensorId}.csv'. The older files without a header are not of this format.`,
  recognises: (start) => /^year,month,day,hour,temp,temp_source,/.test(start),
  numbers: {
    ...{ temp: '°C', dwpt: '°C', rhum: '%', prcp: 'mm', wdir: '°', wspd: 'km/h', wpgt: 'km/h', pres: 'hPa' },
  },
  format: {
    kind: 'text',
    delimiter: ',',
    time: { column: ['year', 'month', 'day', 'hour'], format: 'yyyy M d H', zone: 'UTC' },
  },
});
