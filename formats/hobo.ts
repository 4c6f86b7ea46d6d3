import { shippedFormat } from '../core/formats/shipped-format.ts';

export const hobo = shippedFormat({
  name: 'hobo',
  title: 'Onset HOBO, CSV of HOBOware',
  about: `Text files that HOBOware exports of HOBO loggers. A line with the plot's title stands above the header, whose names have the offset of the
clock and the serial numbers of logger and sensors in them: name a column by what is always there, as 'Temp, °F (*'. The time's column says the offset, such as
"Date Time, GMT-05:00", which holds all year: give it as \`zone\`. Times are months first with AM and PM unless HOBOware was set otherwise (\`timeFormat\`). Rows that only
tell of an event, as that the logger was coupled, have no value: they are passed over where one measure is read, and rejected where several are.`,
  recognises: (start) => /^"?Plot Title: [^\n]*\n"?#"?,"?Date Time, GMT/.test(start),
  format: {
    kind: 'text',
    delimiter: ',',
    skipLines: 1,
    time: { column: 'Date Time, GMT*', format: 'MM/dd/yy hh:mm:ss a' },
    ignore: ['#', 'Coupler *', 'Host Connected*', 'Stopped*', 'End Of File*', 'Button *', 'Bad Battery*', 'Good Battery*'],
  },
}); // biome-ignore format: short
