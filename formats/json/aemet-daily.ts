import { shippedJson } from '../../core/formats/shipped-json.ts';

export const aemetDaily = shippedJson({
  name: 'aemet-daily',
  title: 'AEMET OpenData, daily climate values',
  about: `The daily values of stations (valores climatológicos diarios) of the Spanish weather service, an array of one object a station and day: tmed, tmin, tmax (°C), prec (mm), velmedia,
racha (m/s), dir, presMax, presMin (hPa), hrMedia and others, as texts with a decimal comma, in ISO-8859-15 as the service gives them. Give \`encoding: 'utf-8'\` where they were saved so. Name your measures in \`fields\`.
A day stands for its first instant in your dataset's zone. Ip is precipitation below 0.1 mm and Acum one that a later day has: both are read as no value. dir is in tens of
degrees, and 99 and 88 are no direction; horatmin and its kind may be Varias, and are texts.`,
  recognises: (start) => /^\s*\[?\s*\{/.test(start) && /"fecha"\s*:\s*"\d{4}-\d\d-\d\d"/.test(start) && /"indicativo"\s*:/.test(start),
  numbers: {
    ...{ tmed: '°C', tmin: '°C', tmax: '°C', prec: 'mm', velmedia: 'm/s', racha: 'm/s', presMax: 'hPa', presMin: 'hPa' },
    ...{ hrMedia: '%', hrMax: '%', hrMin: '%', sol: 'h' },
    dir: { unit: '°', scale: 10, nothing: [88, 99] },
  },
  format: {
    kind: 'json',
    encoding: 'iso-8859-15',
    records: '$[*]',
    decimal: ',',
    nothing: ['Ip', 'Acum', 'Varias'],
    time: { path: '@.fecha', format: 'yyyy-MM-dd' },
    fields: { sensorId: '@.indicativo' },
  },
}); // biome-ignore format: short
