import { shippedFormat } from '../core/formats/shipped-format.ts';

export const dwdCdc = shippedFormat({
  name: 'dwd-cdc',
  title: 'DWD Climate Data Center, station observations',
  about: `The files produkt_*.txt in the archives of the Deutscher Wetterdienst: semicolons, padded cells, -999 for no measurement, and "eor" at the end of a row. MESS_DATUM has day, hour or
minutes, in UTC; of values every ten minutes before 2000 it is CET, so give \`zone: '+01:00'\` for those. Daily values are of the day by its date. Columns are called as in the description of each product,
such as TT_TU and RF_TU; quality levels are in those that begin with QN.`,
  recognises: (start) => /^STATIONS_ID;\s*MESS_DATUM\s*;/.test(start),
  // Of the descriptions in the archives: hourly, daily (KL) and ten-minute products.
  numbers: {
    ...{
      TT_TU: '°C',
      RF_TU: '%',
      P: 'hPa',
      P0: 'hPa',
      F: 'm/s',
      D: '°',
      FX_911: 'm/s',
      R1: 'mm',
      'V_TE*': '°C',
    },
    ...{ TMK: '°C', TXK: '°C', TNK: '°C', TGK: '°C', UPM: '%', PM: 'hPa', FM: 'm/s', FX: 'm/s', RSK: 'mm' },
    ...{
      TT_10: '°C',
      TM5_10: '°C',
      TD_10: '°C',
      RF_10: '%',
      PP_10: 'hPa',
      FF_10: 'm/s',
      DD_10: '°',
      RWS_10: 'mm',
    },
  },
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
