import { shippedFormat } from '../core/formats/shipped-format.ts';

const tenths = (unit: string) => ({ unit, scale: 0.1 });

export const noaaIsdLite = shippedFormat({
  name: 'noaa-isd-lite',
  title: 'NOAA ISD-Lite',
  about: `Hourly observations of a station in a year, of NOAA's Integrated Surface Database, in UTC. There is no header; here the columns are called year, month, day, hour, airTemperature,
dewPoint, seaLevelPressure, windDirection, windSpeed, skyCover, precipitation1h and precipitation6h. All but direction and cover are in tenths: say \`scale: 0.1\`. A precipitation of -1 is a trace, too
little to be measured. The station is in the file's name: match '{sensorId}-20??'.`,
  recognises: (start) => /^\d{4} \d\d \d\d \d\d(?: +-?\d+){8}\r?\n/.test(start),
  numbers: {
    ...{ airTemperature: tenths('°C'), dewPoint: tenths('°C'), seaLevelPressure: tenths('hPa') },
    ...{ windDirection: '°', windSpeed: tenths('m/s') },
    precipitation1h: { ...tenths('mm'), nothing: [-1] },
    precipitation6h: { ...tenths('mm'), nothing: [-1] },
  },
  format: {
    kind: 'text',
    delimiter: 'spaces',
    quote: 'none',
    header: [
      ...['year', 'month', 'day', 'hour', 'airTemperature', 'dewPoint', 'seaLevelPressure'],
      ...['windDirection', 'windSpeed', 'skyCover', 'precipitation1h', 'precipitation6h'],
    ],
    nothing: [-9999],
    time: { column: ['year', 'month', 'day', 'hour'], format: 'yyyy MM dd HH', zone: 'UTC' },
  },
});
