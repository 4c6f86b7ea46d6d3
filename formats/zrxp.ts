import { shippedFormat } from '../core/formats/shipped-format.ts';
import { unitOf } from '../core/inspect/unit-bounds.ts';

/** What stands between a keyword in the header and the next one. */
const valuesOf = (start: string, keyword: string): string[] =>
  [...start.matchAll(new RegExp(`^#(?:[^\\n]*\\|)?${keyword}([^|\\r\\n]*)\\|`, 'gm'))].map(([, value = '']) =>
    value.trim(),
  );

export const zrxp = shippedFormat({
  name: 'zrxp',
  title: 'KISTERS ZRXP',
  about: `Time series that KISTERS's WISKI and its kind exchange, as a rule named \`.zrx\` or \`.zrxp\`: a header of keywords in lines that begin with #, then a time and a value a row. A file may have several series, one behind
another: the sensor is the number of the station (SANR) with the name of the parameter (CNAME), as 1234-Q, from the header above its rows; for other keywords give \`sensorLine\`, as '#*REXCHANGE{sensorId}|*'. All values are of one measure, so have a dataset for
each parameter, or the name of the file tell them. Where LAYOUT has more than time and value give \`header\`, where RINVAL is not -777 \`nothing\`, and TZ as \`zone\`: MEZ is +01:00 all year.`,
  recognises: (start) => /^(?:##[^\n]*\n|\s*\n)*#(?=[^\n]*\|\*\|)(?:[^\n]*\|)?(?:ZRXP|SANR|REXCHANGE|TSPATH|TZ)/.test(start),
  shownBy(start) {
    const [layouts, units] = [new Set(valuesOf(start, 'LAYOUT')), new Set(valuesOf(start, 'CUNIT'))];
    if (layouts.size > 1 || units.size > 1)
      return { fault: `it is KISTERS ZRXP, and has series of several ${units.size > 1 ? `units, ${[...units].join(' and ')}` : `layouts, ${[...layouts].join(' and ')}`}: export each kind to files of its own` };
    const [layout = '(timestamp,value)'] = layouts;
    const [unit] = units;
    const [invalid] = valuesOf(start, 'RINVAL');
    const [zone = ''] = valuesOf(start, 'TZ');
    const named = ['SANR', 'REXCHANGE', 'TSPATH'].filter((keyword) => valuesOf(start, keyword).length > 0).slice(0, 1);
    const keywords = [...named, ...(valuesOf(start, 'CNAME').length > 0 ? ['CNAME'] : [])];
    return {
      format: {
        header: layout.replace(/^\(|\)$/g, '').toLowerCase().split(',').map((name) => name.trim()),
        nothing: [invalid === undefined || invalid === '' ? -777 : Number(invalid)],
        ...(keywords.length === 0 ? {} : { sensorLine: keywords.map((keyword) => `#*${keyword}{sensorId}|*`) }),
      },
      zone: /^(?:MEZ|CET)$/.test(zone) ? 'UTC+01:00' : /^UTC/.test(zone) ? zone.replace(/^UTC0$/, 'UTC') : undefined,
      ...(unit === undefined ? {} : { numbers: { value: unitOf(unit) ?? unit } }),
    };
  },
  format: {
    kind: 'text',
    delimiter: 'spaces',
    quote: 'none',
    comment: '#',
    header: ['timestamp', 'value'],
    nothing: [-777],
    time: { column: 'timestamp', format: 'yyyyMMdd[HH[mm[ss]]]' },
    sensorLine: ['#*SANR{sensorId}|*', '#*CNAME{sensorId}|*'],
    ignore: ['status', 'remark'],
  },
}); // biome-ignore format: short
