import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseBytes } from '../../../test/support/parse-bytes.ts';
import { defineDataset } from '../../dataset/dataset.ts';
import { type TextFormat, text } from '../../formats/text-format.ts';

const defined = (format: Partial<TextFormat>) =>
  defineDataset({
    ...{ name: 'river', timeZone: 'UTC', shards: 1, defaultSensorId: 'weir' },
    measures: {
      level: { unit: 'm', min: -10, max: 100, optional: true },
      flow: { unit: 'm³/s', min: 0, max: 9_999, optional: true },
    },
    attributes: { remark: { maxLength: 200, optional: true } },
    formats: [text({ match: '*.csv', time: { column: 'time', format: 'HH:mm dd.MM.yyyy' }, ...format })],
  });

/** What a file comes to: readings as `sensor@hour values remark`, rejections as `line reason`. */
async function read(format: Partial<TextFormat>, file: readonly string[] | Uint8Array) {
  const bytes = file instanceof Uint8Array ? file : `${file.join('\n')}\n`;
  const { outcomes, totals } = await parseBytes(bytes, { key: 'landing/river/a.csv', known: [defined(format)] });
  const told = outcomes.map(({ reading, line, reason }) => {
    if (reading === undefined) return `${line} ${reason}`;
    const hour = new Date(reading.timestampMs).toISOString().slice(11, 13);
    return [`${reading.sensorId}@${hour}`, ...reading.values, ...reading.attributes.filter((remark) => remark !== null)].map(String).join(' ');
  });
  return { told, totals, outcomes };
} // biome-ignore format: short

const at = (hour: number) => `0${hour}:00 01.05.2026`;

describe('a filter', () => {
  test('takes rows out by what a column has, or has not, and they are counted', async () => {
    const rows = ['time,level,qualifier', `${at(0)},1,A`, `${at(1)},2,P`, `${at(2)},3,`, `${at(3)},4,A`];
    const only = await read({ filter: [{ column: 'qualifier', in: ['A', ''] }] }, rows);
    expect(only.told).toEqual(['weir@00 1 null', 'weir@02 3 null', 'weir@03 4 null']);
    expect(only.totals).toMatchObject({ lines: 3, valid: 3, passedOver: { filtered: 1 } });
    const but = await read({ filter: [{ column: 'qualifier', notIn: ['A'] }, { column: 'level', notIn: [3] }] }, rows);
    expect(but.told).toEqual(['weir@01 2 null']);
    expect(but.totals.columns?.unmapped).toEqual([]);
  }); // biome-ignore format: short

  test('needs its column', async () => {
    const { totals } = await read({ filter: [{ column: 'qualifier', in: ['A'] }] }, [
      'time,level',
      `${at(0)},1`,
    ]);
    expect(totals.refusal?.detail).toContain('accepted: one with the column "qualifier"');
  });

  test('takes out no second header', async () => {
    const rows = [
      'time,level,flow,qualifier',
      `${at(0)},1,1,A`,
      'time,flow,level,qualifier',
      `${at(1)},2,2,A`,
    ];
    const { totals } = await read({ filter: [{ column: 'qualifier', in: ['A'] }] }, rows);
    expect(totals.refusal).toMatchObject({ reason: 'wrong-columns' });
  });
});

describe('a flag', () => {
  const columns = { level: { column: 'level', flag: { column: 'QL', in: [0, 1] } }, flow: { column: 'flow', flag: { column: 'QF', notIn: ['bad'] } } } as const; // biome-ignore format: short

  test('costs the value that it belongs to, and is counted as that', async () => {
    const rows = ['time,level,QL,flow,QF', `${at(0)},1,0,10,`, `${at(1)},2,9,11,ok`, `${at(2)},3,1,12,bad`];
    const { told, totals } = await read({ columns }, rows);
    expect(told).toEqual(['weir@00 1 10', 'weir@01 null 11', 'weir@02 3 null']);
    expect(totals.dropped).toEqual({ river: { level: { flagged: 1 }, flow: { flagged: 1 } } });
  });

  test('of all values of a row takes the row out; where nothing is, nothing is flagged', async () => {
    const rows = ['time,level,QL,flow,QF', `${at(0)},1,9,10,bad`, `${at(1)},,9,10,`];
    const { told, totals } = await read({ columns }, rows);
    expect(told).toEqual(['weir@01 null 10']);
    expect(totals).toMatchObject({
      lines: 1,
      passedOver: { filtered: 1 },
      dropped: { river: { level: { empty: 1 } } },
    });
  });

  test('is a column a sensor, or one for all of a row', async () => {
    const format = (column: string) => ({ columns: { level: { column: '{sensorId}', flag: { column, in: ['1'] } } } });
    const each = await read(format('{sensorId} flag'), ['time,a,a flag,b,b flag', `${at(0)},1,1,2,9`]);
    expect(each.told).toEqual(['a@00 1 null']);
    expect(each.totals).toMatchObject({ lines: 1, passedOver: { filtered: 1 } });
    expect((await read(format('ok'), ['time,a,b,ok', `${at(0)},1,2,1`, `${at(1)},3,4,0`])).told).toEqual(['a@00 1 null', 'b@00 2 null']);
    const none = await read(format('{sensorId} flag'), ['time,a,a flag,b', `${at(0)},1,1,2`]);
    expect(none.totals.refusal?.detail).toContain('"b flag"');
  }); // biome-ignore format: short
});

describe('a cell that is left out where the row above says the same', () => {
  const format = { fill: ['station', 'time'], columns: { sensorId: 'station' } };

  test('is that of the row above', async () => {
    const rows = ['station,time,level', `A,${at(0)},1`, `,${at(1)},2`, `B,${at(0)},3`, `,${at(1)},4`];
    expect((await read(format, rows)).told).toEqual([
      'A@00 1 null',
      'A@01 2 null',
      'B@00 3 null',
      'B@01 4 null',
    ]);
  });

  test('is unknown under a row that cannot be read, up to the next that says it', async () => {
    const good = Array.from({ length: 10 }, (_, hour) => `A,${at(hour)},1`);
    const rows = ['station,time,level', ...good, `B,${at(0)}`, `,${at(1)},2`, `,${at(2)},2`, `C,${at(0)},3`, `,${at(1)},4`];
    expect((await read(format, rows)).told.slice(10)).toEqual(['12 wrong-columns', '13 missing-field', '14 missing-field', 'C@00 3 null', 'C@01 4 null']);
    const footer = ['station,time,level', ...good, 'Total,all,10', `,${at(1)},2`, `C,${at(0)},3`];
    expect((await read(format, footer)).told.slice(10)).toEqual(['12 invalid-timestamp', '13 missing-field', 'C@00 3 null']);
    const spoilt = Buffer.from(`${rows.slice(0, 11).join('\n')}\nB?,${at(0)},1\n,${at(1)},2\n`);
    spoilt[spoilt.indexOf('?')] = 0xe4;
    expect((await read(format, spoilt)).told.slice(10)).toEqual(['12 not-utf8', '13 missing-field']);
  }); // biome-ignore format: short

  test('is empty where no row above says it', async () => {
    expect((await read(format, ['station,time,level', `,${at(0)},1`])).told).toEqual(['weir@00 1 null']);
  });
});

describe('a quoted cell that goes on over several lines', () => {
  const format = { multiline: true, columns: { remark: 'note' } };

  test('is a cell, also in the header, and the row is the line where it begins', async () => {
    const rows = ['time,"level', '(m)",note', `${at(0)},1,"two`, '', `lines"`, `${at(1)},2,`];
    const { told, outcomes } = await read(
      { ...format, columns: { level: 'level\n(m)', remark: 'note' } },
      rows,
    );
    expect(told).toEqual(['weir@00 1 null two\n\nlines', 'weir@01 2 null']);
    expect(outcomes.map(({ line }) => line)).toEqual([3, 6]);
  });

  test('of the table that a spreadsheet saved', async () => {
    const excel = defineDataset({
      ...{ name: 'river', timeZone: 'UTC', shards: 1 },
      measures: { temp: { unit: '°C', min: -60, max: 2_000 } },
      attributes: { wind: { maxLength: 20 } },
      formats: [text({ match: '*.csv', thousands: ',', multiline: true, time: { column: 'time', format: 'iso' }, columns: { sensorId: 'station' } })],
    });
    const bytes = readFileSync(new URL('../../../test/fixtures/real-files/excel/quoted.csv', import.meta.url));
    const { outcomes, totals } = await parseBytes(bytes, { key: 'landing/river/a.csv', known: [excel] });
    expect(outcomes.map(({ reading }) => reading?.values)).toEqual([[1234.5], [10.5], [10.5]]);
    expect(totals).toMatchObject({ lines: 3, valid: 3 });
  }); // biome-ignore format: short

  test('is none where a quote is one by mistake: it costs its line alone', async () => {
    const good = Array.from({ length: 9 }, (_, hour) => `${at(hour)},${hour},fine`);
    const rows = [
      'time,level,note',
      `${at(9)},9,5" pipe`,
      ...good.slice(0, 4),
      `${at(9)},"9,x`,
      ...good.slice(4),
    ];
    const { told } = await read(format, rows);
    expect(told).toHaveLength(11);
    expect(told.filter((each) => / wrong-columns$/.test(each))).toEqual(['7 wrong-columns']);
  });

  test('has an end, by lines and by bytes, and at the end of the file', async () => {
    const rest = Array.from(
      { length: 150 },
      (_, minute) => `${at(minute % 10)},${minute % 90},${'x'.repeat(9)}`,
    );
    for (const many of [rest, rest.map((row) => row + 'x'.repeat(150)), rest.slice(0, 20)]) {
      const { told } = await read(format, ['time,level,note', `${at(0)},1,"open`, ...many]);
      expect(told).toHaveLength(many.length + 1);
      expect(told[0]).toMatch(/^2 (wrong-columns|truncated)$/);
      expect(told.slice(1).every((each) => each.startsWith('weir@'))).toBe(true);
    }
  });

  test('does not begin in a remark, nor above the header', async () => {
    const rows = ['a 5" pipe', 'time,level,note', '# 3" more', `${at(0)},1,x`];
    expect((await read({ ...format, comment: '#', skipLines: 1 }, rows)).told).toEqual(['weir@00 1 null x']);
  });
});

test('ISO 8601 without an offset is local, and with one it is not', async () => {
  const time = { column: 'time', format: 'iso-local', zone: 'Europe/Madrid' };
  const written = ['2026-05-01 12:00', '2026-05-01T12:00:00.123456', '2026-05-01 10:00 UTC', '2026-05-01T10:00:00+0000', '2026-05-01 12:00:00 +02', '2026-05-01T10:00Z'];
  const { outcomes } = await read({ time }, ['time,level', ...written.map((shown) => `"${shown}",1`)]);
  expect(outcomes.map(({ reading }) => new Date(reading?.timestampMs ?? 0).toISOString().slice(11, 19))).toEqual(written.map(() => '10:00:00'));
  const strict = await read({ time: { ...time, format: 'iso' } }, ['time,level', `"${written[0]}",1`, `"${written[3]}",1`]);
  expect(strict.totals.refusal).toMatchObject({ reason: 'unreadable-lines' });
}); // biome-ignore format: short

test('of counts in another unit than declared nothing is taken', async () => {
  for (const [format, count] of [['epoch-ms', 1_777_600_000], ['epoch-us', 1_777_600_000_000], ['epoch-ns', 1_777_600_000_000_000]] as const) {
    const { totals } = await read({ time: { column: 'time', format } }, ['time,level', `${count},1`, `${count + 60},1`]);
    expect(totals).toMatchObject({ valid: 0, refusal: { reason: 'unreadable-lines' } });
  }
  const ahead = await read({ time: { column: 'time', format: 'epoch-s' } }, ['time,level', '1777600000000,1']);
  expect(ahead.told).toEqual(['2 in-the-future']);
}); // biome-ignore format: short

test.each([
  [{ filter: [{ column: 'q' }] }, 'filter[0]'],
  [{ filter: [{ column: 'q', in: ['a'], notIn: ['b'] }] }, 'filter[0]'],
  [{ filter: [{ column: '', in: ['a'] }] }, 'filter[0].column'],
  [{ filter: [{ column: 'q', in: [] }] }, 'filter[0].in'],
  [{ filter: [{ column: 'q', notIn: [' a'] }] }, 'filter[0].notIn'],
  [{ filter: [{ column: 'q', in: ['a'], is: 1 }] }, 'filter[0].is'],
  [{ columns: { level: { column: 'l', flag: { column: '{sensorId} q', in: ['a'] } } } }, 'columns.level.flag.column'],
  [{ fill: [''] }, 'fill'],
  [{ multiline: 'yes' }, 'multiline'],
  [{ multiline: true, quote: 'none' }, 'multiline'],
] as const)('%j is refused where it is wrong', (format, field) => {
  expect(() => defined(format as unknown as Partial<TextFormat>)).toThrow(`formats[0].${field} is`);
}); // biome-ignore format: a table
