import { describe, expect, test } from 'vitest';
import { parseBytes } from '../../../test/support/parse-bytes.ts';
import { defineDataset } from '../../dataset/dataset.ts';
import { type TextFormat, text } from '../../formats/text-format.ts';

const time = { column: 'time', format: 'yyyy-MM-dd HH:mm' } as const;

const defined = (format: Partial<TextFormat>, missing: readonly number[] = []) =>
  defineDataset({
    ...{ name: 'soil', timeZone: 'UTC', shards: 1, missing },
    measures: {
      temperature: { unit: '°C', min: -60, max: 60, optional: true },
      moisture: { unit: '%', min: 0, max: 100, optional: true },
    },
    attributes: { remark: { maxLength: 20, optional: true } },
    formats: [text({ match: '*.csv', time, ...format })],
  });

/** What a file comes to: readings as `sensor@hour values`, rejections as `line reason`. */
async function read(format: Partial<TextFormat>, rows: readonly string[], missing?: readonly number[]) {
  const dataset = defined(format, missing);
  const { outcomes, totals } = await parseBytes(`${rows.join('\n')}\n`, { key: 'landing/soil/a.csv', known: [dataset] });
  const told = outcomes.map(({ reading, line, reason }) =>
    reading === undefined
      ? `${line} ${reason}`
      : `${reading.sensorId}@${new Date(reading.timestampMs).toISOString().slice(11, 13)} ${reading.values.map(String).join(' ')}`,
  );
  return { told, totals, details: outcomes.map(({ detail }) => detail ?? '') };
} // biome-ignore format: short

describe('a column a sensor', () => {
  const format = { columns: { temperature: '{sensorId} T', moisture: '{sensorId} VWC' } };

  test('gives a reading of each in a row', async () => {
    const { told, totals } = await read(format, [
      'time,north T,north VWC,south T',
      '2026-05-01 00:00,10.5,30,11',
      '2026-05-01 01:00,10.25,31,12',
    ]);
    expect(told).toEqual(['north@00 10.5 30', 'south@00 11 null', 'north@01 10.25 31', 'south@01 12 null']);
    expect(totals).toMatchObject({ lines: 4, valid: 4 });
    expect(totals).not.toHaveProperty('passedOver');
  });

  test('has none of a sensor without a value, which is counted', async () => {
    const { told, totals } = await read(
      { ...format, nothing: [99] },
      ['time,north T,south T,east T,west T', '2026-05-01 00:00,,NAN,99,-999', '2026-05-01 01:00,1,,,'],
      [-999],
    );
    expect(told).toEqual(['north@01 1 null']);
    expect(totals).toMatchObject({ lines: 1, valid: 1, passedOver: { 'no-value': 7 } });
  });

  test('keeps or rejects each for itself', async () => {
    const { told, details, totals } = await read(format, [
      'time,north T,north VWC,south T',
      '2026-05-01 00:00,1,2,3',
      '2026-05-01 01:00,warm,2,3',
      '2026-05-01 02:00,99,2,99',
    ]);
    expect(told).toEqual(['north@00 1 2', 'south@00 3 null', '3 wrong-type', 'south@01 3 null', '4 no-value', 'north@02 null 2']); // biome-ignore format: short
    expect(details.find((detail) => detail.includes('warm'))).toContain('The sensor is "north"');
    expect(totals.dropped).toEqual({ soil: { temperature: { 'out-of-range': 1 } } });
  });

  test('that cannot be read at all is one rejection, and weighs as its readings', async () => {
    const good = ['1', '2', '3', '4'].map((hour) => `2026-05-01 0${hour}:00,1,2,3`);
    const bad = ['2026-05-32 00:00,1,2,3', '2026-05-01 05:00,1,2'];
    const one = await read(format, ['time,north T,north VWC,south T', ...good, bad[0] as string]);
    expect(one.told.at(-1)).toBe('6 invalid-timestamp');
    expect(one.totals).toMatchObject({ lines: 9, valid: 8 });
    // Two of six rows are a third, not two of ten readings.
    const two = await read(format, ['time,north T,north VWC,south T', ...good, ...bad]);
    expect(two.totals.refusal).toMatchObject({ reason: 'unreadable-lines' });
  });

  test('may be called as the sensor alone, next to columns that are none', async () => {
    const { told, totals } = await read({ columns: { temperature: '{sensorId}', remark: 'note' }, ignore: ['Battery*'] }, [
      'time,north,south,note,Battery (V)',
      '2026-05-01 00:00,1,2,dry,12.5',
    ]); // biome-ignore format: short
    expect(told).toEqual(['north@00 1 null', 'south@00 2 null']);
    expect(totals.columns).toEqual({ unmapped: [], absent: ['moisture'] });
  });

  test('may be listed by name, and the sensors be a part of a station', async () => {
    const temperature = { column: { 'T1 (°C)': '10cm', 'T2 (°C)': '50cm' }, nothing: [0] };
    const { told } = await read({ columns: { temperature, sensorId: 'plot' } }, [
      'time,plot,T1 (°C),T2 (°C)',
      '2026-05-01 00:00,P7,1,2',
      '2026-05-01 01:00,P7,0,2',
    ]);
    expect(told).toEqual(['P7-10cm@00 1 null', 'P7-50cm@00 2 null', 'P7-50cm@01 2 null']);
  });

  test.each([
    ['time,north T,north T', '"north T" and "north T" are both temperature of "north"'],
    ['time,north T,north  T', '"north T" and "north  T" are both temperature of "north"'],
    ['time,. T', 'column ". T" is of the sensor ".": in a path it stands for another folder'],
    ['time,rain', 'without a column of any measure'],
  ])('is refused with the header %s', async (header, why) => {
    const { totals } = await read(format, [header, '2026-05-01 00:00,1,2']);
    expect(totals.refusal?.detail).toContain(why);
  });

  test('is refused where two measures take it', async () => {
    const columns = { temperature: '{sensorId}', moisture: '{sensorId} VWC' };
    const { totals } = await read({ columns }, ['time,north,north VWC', '2026-05-01 00:00,1,2']);
    expect(totals.refusal?.detail).toContain('column "north VWC" is taken for temperature and for moisture');
  });
});

test('a name with a star is of one column', async () => {
  const columns = { sensorId: 'logger', temperature: 'Temp, °C (*)' };
  const row = '2026-05-01 00:00,A,1';
  const one = await read({ columns }, ['time,logger,"Temp, °C (LGR S/N: 2002, SEN S/N: 31)"', row]);
  expect(one.told).toEqual(['A@00 1 null']);
  const two = await read({ columns }, ['time,logger,"Temp, °C (1)","Temp, °C (2)"', `${row},2`]);
  expect(two.totals.refusal?.detail).toContain('takes the columns "Temp, °C (1)", "Temp, °C (2)"; accepted: one column');
}); // biome-ignore format: short

describe('a value a row', () => {
  const long = { parameter: 'what', value: 'value', parameters: { T: 'temperature', VWC: 'moisture', 'T (F)': { measure: 'temperature', unit: '°F' } } } as const; // biome-ignore format: short
  const format = { columns: { sensorId: 'station' }, long };
  const header = 'station,time,what,value';

  test('makes readings of the rows of one sensor and time, wherever they are', async () => {
    const byTime = ['A,2026-05-01 00:00,T,10', 'A,2026-05-01 00:00,VWC,30', 'B,2026-05-01 00:00,T (F),50'];
    const { told, totals } = await read(format, [header, ...byTime]);
    expect(told).toEqual(['A@00 10 30', 'B@00 10 null']);
    expect(totals).toMatchObject({ lines: 2, valid: 2, passedOver: { joined: 1 } });
    const [first, second, third] = byTime as [string, string, string];
    expect((await read(format, [header, first, third, second])).told).toEqual(told);
  });

  test('passes over parameters that nothing maps, and names them; and empty values', async () => {
    const { told, totals } = await read(format, [header, 'A,2026-05-01 00:00,T,10', 'A,2026-05-01 00:00,pH,7', 'A,2026-05-01 01:00,pH,7', 'A,2026-05-01 01:00,T,', 'A,2026-05-01 01:00,VWC,n/a']); // biome-ignore format: short
    expect(told).toEqual(['A@00 10 null']);
    expect(totals).toMatchObject({ lines: 1, passedOver: { 'other-parameter': 2, 'no-value': 2 } });
    expect(totals.columns).toMatchObject({ parameters: ['pH'] });
  });

  test('rejects both of two values, and keeps the others; a repeat is none', async () => {
    const { told, details, totals } = await read(format, [header, 'A,2026-05-01 00:00,T,10', 'A,2026-05-01 00:00,VWC,30', 'A,2026-05-01 00:00,VWC,30', 'A,2026-05-01 00:00,T,11']); // biome-ignore format: short
    expect(told).toEqual(['2 contradicting-values', 'A@00 null 30', '5 contradicting-values']);
    expect(details[0]).toContain(
      'temperature of "A" at 2026-05-01T00:00:00.000Z is 10 here, and 11 in line 5',
    );
    expect(totals).toMatchObject({ lines: 3, valid: 1, passedOver: { joined: 1 } });
  });

  test('rejects a row for itself where its sensor or time is none, or its line is cut', async () => {
    const rows = Array.from(
      { length: 20 },
      (_, hour) => `A,2026-05-01 ${String(hour).padStart(2, '0')}:00,T,10`,
    );
    const { told } = await read(format, [header, ',2026-05-01 00:00,T,10', 'A,2026-05-41 00:00,T,10', 'A,2026-05-01', ...rows]); // biome-ignore format: short
    expect(told.slice(0, 4)).toEqual(['2 missing-field', '3 invalid-timestamp', '4 wrong-columns', 'A@00 10 null']); // biome-ignore format: short
  });

  test('reads the unit of each row', async () => {
    const [K, F] = ['K', '°F'].map((unit) => `A,2026-05-01 00:00,T,${unit === 'K' ? 283.15 : 50},${unit}`);
    const of = (row: string | undefined) => read({ ...format, long: { ...long, unit: 'unit' } }, [`${header},unit`, row ?? '']);
    expect([(await of(K)).told, (await of(F)).told]).toEqual([['A@00 10 null'], ['A@00 10 null']]);
    expect((await of('A,2026-05-01 00:00,T,10,furlong')).told).toEqual(['2 wrong-unit']);
    expect((await of('A,2026-05-01 00:00,T,10,°C')).told).toEqual(['A@00 10 null']);
    // Of a parameter that has a unit of its own, what the file calls otherwise is not known to be another unit.
    const kelvin = { ...format, long: { ...long, unit: 'unit', parameters: { T: { measure: 'temperature', unit: 'K' } } } };
    const told = async (row: string) => (await read(kelvin, [`${header},unit`, row])).told;
    expect(await told('A,2026-05-01 00:00,T,283.15,K')).toEqual(['A@00 10 null']);
    for (const unit of ['°F', '°C', '']) expect(await told(`A,2026-05-01 00:00,T,283.15,${unit}`)).toEqual(['2 wrong-unit']);
  }); // biome-ignore format: short

  test('rejects an hour that the clock showed twice', async () => {
    const { told } = await read({ ...format, time: { ...time, zone: 'Europe/Berlin' } }, [header, 'A,2026-10-25 01:30,T,1', 'A,2026-10-25 02:30,T,2', 'A,2026-10-25 03:30,T,3']); // biome-ignore format: short
    expect(told).toEqual(['A@23 1 null', '3 ambiguous-timestamp', 'A@02 3 null']);
  });

  test('says of a reading that is rejected which lines it is made of', async () => {
    const { told, details } = await read(format, [
      header,
      'A,2026-05-01 00:00,T,99',
      'A,2026-05-01 00:00,VWC,101',
    ]);
    expect(told).toEqual(['2 no-value']);
    expect(details[0]).toContain('The reading is made of lines 2, 3');
  });

  test('does not take a second header for a parameter', async () => {
    const { totals } = await read(format, [
      header,
      'A,2026-05-01 00:00,T,10',
      'station,time,value,what',
      'A,2026-05-01 01:00,10,T',
    ]);
    expect(totals.refusal).toMatchObject({ reason: 'wrong-columns' });
  });
});

test.each([
  [{ columns: { temperature: '{sensorId} T', moisture: 'VWC' } }, 'columns.moisture'],
  [{ columns: { temperature: '{sensorId} T' }, sensorId: 'x' }, 'columns.temperature'],
  [{ columns: { temperature: '{sensorId} T' }, match: '{sensorId}.csv' }, 'columns.temperature'],
  [{ columns: { temperature: { column: {} } } }, 'columns.temperature.column'],
  [{ columns: { temperature: { column: { T: '.' } } } }, 'columns.temperature.column.T'],
  [{ columns: { remark: '{sensorId} x' } }, 'columns.remark'],
  [{ ignore: [''] }, 'ignore'],
  [{ long: { parameter: 'p', value: 'v', parameters: {} } }, 'long.parameters'],
  [{ long: { parameter: 'p', value: 'v', parameters: { T: 'warmth' } } }, 'long.parameters.T'],
  [{ long: { parameter: 'p', value: 'v', parameters: { T: { measure: 'temperature', unit: 'ft' } } } }, 'long.parameters.T.unit'],
  [{ long: { parameter: '', value: 'v', parameters: { T: 'temperature' } } }, 'long.parameter'],
  [{ long: { parameter: 'p', value: 'v', parameters: { T: 'temperature' } }, columns: { temperature: 'T' } }, 'columns.temperature'],
] as const)('%j is refused where it is wrong', (format, field) => {
  expect(() => defined(format as unknown as Partial<TextFormat>)).toThrow(`formats[0].${field} is`);
}); // biome-ignore format: a table
