import { shippedFormat } from '../core/formats/shipped-format.ts';

export const hydrasMis = shippedFormat({
  name: 'hydras-mis',
  title: 'OTT HYDRAS 3 MIS',
  about: `Files named \`.mis\` that OTT's HYDRAS 3 and data loggers exchange: a line of tags with the numbers of station and sensor, then a date, a time of day and a value a row. A file
may have several sensors, one behind another: the series is both numbers, as 0000012345-0001. A sensor's number says what it measures, and only its owner knows that: all values are of one measure,
so have a dataset for each quantity, and let the names of files tell them. The times are of the logger's clock: give it as \`zone\`. Files whose DATEFORMAT is not YYYYMMDD are others.`,
  recognises: (start) => /^<STATION>[^<\n]*<\/STATION><SENSOR>[^<\n]*<\/SENSOR><DATEFORMAT>YYYYMMDD</.test(start),
  format: {
    kind: 'text',
    delimiter: ';',
    quote: 'none',
    comment: '<',
    header: ['date', 'time', 'value'],
    time: { column: ['date', 'time'], format: 'yyyyMMdd HH[:]mm[:]ss' },
    sensorLine: ['<STATION>{sensorId}</STATION>*', '*<SENSOR>{sensorId}</SENSOR>*'],
  },
}); // biome-ignore format: short
