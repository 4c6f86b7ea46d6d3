import { shippedFormat } from '../core/formats/shipped-format.ts';

export const davisWeatherlink = shippedFormat({
  name: 'davis-weatherlink',
  title: 'Davis WeatherLink, tab-separated export of the desktop program',
  about: `What "Export Records" of Davis's WeatherLink for Windows writes: tabs between cells, two lines of names ("Temp" above "Out" is the column
'Temp Out'), dashes where there is no value. Dates are months first and times have "a" and "p", as the computer is set (\`timeFormat\`). Times are those of the console, at
the end of the archive interval; units are those of the program's settings: say \`unit: '°F'\` where they are not the measure's. Exports of WeatherLink.com are other files.`,
  recognises: (start) => /^[^\n]*\tTemp\t[^\n]*\nDate\tTime\tOut\t/.test(start),
  format: {
    kind: 'text',
    delimiter: '\t',
    quote: 'none',
    headerLines: 2,
    nothing: ['---', '--', '------'],
    time: { column: ['Date', 'Time'], format: 'M/d/yy h:mm[ ]a' },
  },
});
