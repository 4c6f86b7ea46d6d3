import { shippedFormat } from '../core/formats/shipped-format.ts';

export const toaci1 = shippedFormat({
  name: 'toaci1',
  title: 'Campbell Scientific TOACI1',
  about: `Tables that older versions of LoggerNet collect from Campbell Scientific's table-based loggers. Two lines stand above the rows: the station with its table, and the names of the columns;
there are no units, but many names end in them, as temp_degf_AVG. TMSTAMP is of the logger's clock, which as a rule stays on standard time: say its offset as \`zone\`. "NAN" is no measurement; what else stands
for it (-6999 and -7999 are usual) is the program's.`,
  recognises: (start) => /^"?TOACI1"?,/.test(start),
  sensorOf: (start) => /^"?TOACI1"?,"?([^",\r\n]+)/.exec(start)?.[1],
  format: {
    kind: 'text',
    delimiter: ',',
    skipLines: 1,
    nothing: ['NAN', 'INF', '-INF'],
    time: { column: 'TMSTAMP', format: 'yyyy-MM-dd HH:mm:ss[.S]' },
    ignore: ['RECNBR'],
  },
});
