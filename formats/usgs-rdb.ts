import { shippedFormat } from '../core/formats/shipped-format.ts';

export const usgsRdb = shippedFormat({
  name: 'usgs-rdb',
  title: 'USGS Water Services RDB, instantaneous values',
  about: `Tab-separated files of the United States Geological Survey: remarks with #, the names of the columns, a row of their widths. A value's column is called by time series
and parameter, such as 69928_00060 for discharge: name it '*_00060', and its qualifier '*_00060_cd', of which A is approved and P provisional. Times have the
abbreviation of their zone beside them (EST, EDT), so that the hour that a clock repeats is certain. Discharge is in cubic feet a second and stage in feet: say scale or unit.
Words such as Ice and Eqp stand for no measurement.`,
  recognises: (start) => /^(?:#[^\n]*\n)+agency_cd\tsite_no\tdatetime\ttz_cd\t/.test(start),
  numbers: {
    '*_00060': 'ft³/s',
    '*_00065': 'ft',
    '*_00010': '°C',
    '*_00095': 'µS/cm',
    '*_00400': 'pH',
    '*_00300': 'mg/L',
  },
  format: {
    kind: 'text',
    delimiter: '\t',
    quote: 'none',
    comment: '#',
    skipRows: 1,
    nothing: ['Ice', 'Eqp', 'Bkw', 'Dis', 'Dry', 'Fld', 'Mnt', 'Pr', 'Rat', 'Ssn', 'Tst', 'ZFl', '***'],
    time: { column: ['datetime', 'tz_cd'], format: 'yyyy-MM-dd HH:mm z' },
    columns: { sensorId: 'site_no' },
    ignore: ['agency_cd'],
  },
});
