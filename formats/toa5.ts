import { shippedFormat } from '../core/formats/shipped-format.ts';

export const toa5 = shippedFormat({
  name: 'toa5',
  title: 'Campbell Scientific TOA5',
  about: `Tables that LoggerNet and PC400 collect from Campbell Scientific's loggers, as a rule named \`.dat\`. Four lines stand above the rows: the
station, the names of the columns, their units, and how each was processed. Times are those of the logger's clock, which as a rule stays
on standard time: say its offset as \`zone\`. "NAN" is no measurement; what else stands for it (-7999 is usual) is the program's.`,
  recognises: (start) => /^"?TOA5"?,/.test(start),
  sensorOf: (start) => /^"?TOA5"?,"?([^",\r\n]+)/.exec(start)?.[1],
  format: {
    kind: 'text',
    delimiter: ',',
    skipLines: 1,
    skipRows: 2,
    nothing: ['NAN', '+INF', '-INF'],
    time: { column: 'TIMESTAMP', format: 'yyyy-MM-dd HH:mm:ss[.S]' },
  },
});
