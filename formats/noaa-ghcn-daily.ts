import { shippedFormat } from '../core/formats/shipped-format.ts';

const tenths = (unit: string) => ({ unit, scale: 0.1 });

export const noaaGhcnDaily = shippedFormat({
  name: 'noaa-ghcn-daily',
  title: 'NOAA GHCN-Daily, CSV by year or station',
  about: `Daily summaries of the Global Historical Climatology Network, an element a row: ID, DATE, ELEMENT, DATA_VALUE, flags of measurement, quality and source, time of observation; with
or without a header. TMAX, TMIN and PRCP are in tenths: \`parameters: { TMAX: { measure: 'maximum', scale: 0.1 } }\`. Values with a quality flag failed a check and are passed over. A day is the
station's own: say its \`zone\`. The files named .dly, which have a month a row, are not of this format.`,
  recognises: (start) =>
    /^(?:ID,DATE,ELEMENT,|[A-Z]{2}[A-Z0-9_-]{9},\d{8},[A-Z0-9]{4},-?\d+,[^,\n]?,[^,\n]?,[^,\n]?,\d*\r?\n)/.test(start),
  numbers: {
    ...{ TMAX: tenths('°C'), TMIN: tenths('°C'), TAVG: tenths('°C'), TOBS: tenths('°C'), PRCP: tenths('mm') },
    ...{ EVAP: tenths('mm'), WESD: tenths('mm'), WESF: tenths('mm'), SNOW: 'mm', SNWD: 'mm', WDF2: '°', WDF5: '°' },
    ...{ AWND: tenths('m/s'), WSF2: tenths('m/s'), WSF5: tenths('m/s'), WSFG: tenths('m/s') },
  },
  format: {
    kind: 'text',
    delimiter: ',',
    header: ['ID', 'DATE', 'ELEMENT', 'DATA_VALUE', 'M_FLAG', 'Q_FLAG', 'S_FLAG', 'OBS_TIME'],
    comment: 'ID,DATE,ELEMENT,',
    nothing: [-9999],
    time: { column: 'DATE', format: 'yyyyMMdd' },
    columns: { sensorId: 'ID' },
    ignore: ['M_FLAG', 'S_FLAG', 'OBS_TIME'],
    long: { parameter: 'ELEMENT', value: 'DATA_VALUE' },
    filter: [{ column: 'Q_FLAG', in: [''] }],
  },
}); // biome-ignore format: short
