import { shippedFormat } from '../core/formats/shipped-format.ts';

export const dwdCdc = shippedFormat({
  name: 'dwd-cdc',
  title: 'DWD Climate Data Center, station observations',
  about: `The files produkt_*.txt in the archives of the Deutscher Wetterdienst: semicolons, padded cells, -999 for no measurement, and "eor" at the end of a row. MESS_DATUM has day, hour or
minutes, in UTC; of values every ten minutes before 2000 it is CET, so give \`zone: '+01:00'\` for those. Daily values are of the day by its date. Columns are called as in the description of each product,
such as TT_TU and RF_TU; quality levels are in those that begin with QN.`,
  recognises: (start) => /^STATIONS_ID;\s*MESS_DATUM\s*;/.test(start),
  format: {
    kind: 'text',
    delimiter: ';',
    quote: 'none',
    nothing: [-999],
    time: { column: 'MESS_DATUM', format: 'yyyyMMdd[HH[[:]mm]]', zone: 'UTC' },
    columns: { sensorId: 'STATIONS_ID' },
    ignore: ['QN*', 'eor'],
  },
});
