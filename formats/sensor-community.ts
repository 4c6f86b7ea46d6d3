import { shippedFormat } from '../core/formats/shipped-format.ts';

export const sensorCommunity = shippedFormat({
  name: 'sensor-community',
  title: 'Sensor.Community archive, CSV',
  about: `Files of archive.sensor.community, formerly Luftdaten, one for each sensor and day: semicolons, times in UTC. Columns are P1 (PM10) and P2 (PM2.5) in µg/m³ of dust sensors, temperature (°C) and
humidity (%) of others, and pressure in Pa: say \`unit: 'Pa'\` for a measure in hPa.`,
  recognises: (start) => /^sensor_id;sensor_type;location;lat;lon;timestamp;/.test(start),
  numbers: {
    P1: 'µg/m³',
    P2: 'µg/m³',
    temperature: '°C',
    humidity: '%',
    pressure: 'Pa',
    pressure_sealevel: 'Pa',
  },
  format: {
    kind: 'text',
    delimiter: ';',
    nothing: ['unavailable', 'unknown'],
    time: { column: 'timestamp', format: 'iso-local', zone: 'UTC' },
    columns: { sensorId: 'sensor_id' },
    ignore: ['sensor_type', 'location', 'lat', 'lon', 'dur*', 'ratio*'],
  },
});
