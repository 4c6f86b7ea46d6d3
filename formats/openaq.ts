import { shippedFormat } from '../core/formats/shipped-format.ts';

export const openaq = shippedFormat({
  name: 'openaq',
  title: 'OpenAQ archive, CSV',
  about: `Files of OpenAQ's archive on AWS, one for each location and day: a value a row, with its parameter and unit. Say which parameters are which measures: \`parameters: { pm25: 'pm2_5' }\`. The sensor is
the location; a value in another unit than its measure's (ppm for µg/m³) is rejected. Where a location has two instruments for one parameter their values contradict: then say \`columns: { sensorId: 'sensors_id' }\`,
by which each instrument is a series. Times have an offset.`,
  recognises: (start) => /^"?location_id"?,"?sensors_id"?,"?location"?,"?datetime"?,/.test(start),
  format: {
    kind: 'text',
    delimiter: ',',
    nothing: [-999],
    time: { column: 'datetime', format: 'iso' },
    columns: { sensorId: 'location_id' },
    ignore: ['location_id', 'sensors_id', 'location', 'lat', 'lon'],
    long: { parameter: 'parameter', value: 'value', unit: 'units' },
  },
});
