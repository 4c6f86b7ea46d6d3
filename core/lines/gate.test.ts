import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import buoy from '../../test/fixtures/real-files/datasets/buoy-es.ts';
import weather from '../../test/fixtures/real-files/datasets/weather-multi.ts';
import { definitionOf } from '../../test/support/definition-of.ts';
import { parseBytes } from '../../test/support/parse-bytes.ts';
import { defineDataset } from '../dataset/dataset.ts';
import { text } from '../formats/text-format.ts';
import { parseSegmentRows } from './parse-segment.ts';

const known = [buoy, weather];
const fixture = (name: string) =>
  readFileSync(new URL(`../../test/fixtures/real-files/${name}`, import.meta.url));
const header = 'station,time,temp,hum,wind';
const row = (hour: number, temp = '10') =>
  `S,2026-05-01T${String(hour).padStart(2, '0')}:00:00Z,${temp},50,1`;
const csv = (rows: readonly string[], more: object = {}) =>
  parseBytes(`${header}\n${rows.join('\n')}\n`, { key: 'landing/weather-multi/a.csv', known, ...more });

describe('of a file', () => {
  test('with more unreadable lines than a fifth nothing is taken, and all counts are 0', async () => {
    const rows = [row(1), row(2), row(3), row(4), row(5), row(6), row(7), 'x', 'y'];
    const { totals, outcomes } = await csv(rows);
    expect(totals).toEqual({ lines: 0, valid: 0, rejected: {}, dropped: {}, refusal: expect.anything() });
    expect(totals.refusal).toMatchObject({
      reason: 'unreadable-lines',
      detail: "2 of 9 lines can't be read; accepted: at most 20 %",
      lines: [
        { line: 9, text: 'x', reason: 'wrong-columns' },
        { line: 10, text: 'y', reason: 'wrong-columns' },
      ],
    });
    expect(outcomes.filter(({ reading }) => reading)).toEqual([]);
  });

  test.each([
    ['a fifth of them', [...[1, 2, 3, 4, 5, 6, 7, 8].map((hour) => row(hour)), 'x', 'y'], 8],
    ['one, however short it is', [row(1), 'x'], 1],
    ['none, and sentinels and values out of bounds in each', [row(1, '-999'), row(2, '99'), row(3, 'NA')], 3],
  ])('with %s the rest is taken', async (_, rows, valid) => {
    const { totals } = await csv(rows);
    expect(totals).toMatchObject({ valid });
    expect(totals.refusal).toBeUndefined();
  });

  test('values that are no numbers count as unreadable, although they only cost a measure', async () => {
    const { totals } = await csv([row(1), row(2, '1*'), row(3, '2*')]);
    expect(totals.refusal?.lines).toMatchObject([
      { line: 3, detail: 'temp is "1*"; accepted: a number' },
      {},
    ]);
  });

  test('of which no line could be taken as it is says so', async () => {
    expect((await csv(['x', 'y'])).totals.refusal).toMatchObject({ nothingValid: true });
    expect((await csv([row(1), 'x', 'y'])).totals.refusal).not.toHaveProperty('nothingValid');
  });

  test('its dataset may choose the share', async () => {
    const lenient = defineDataset({ ...definitionOf(weather), missing: [], maxUnreadable: 0.5 });
    const strict = defineDataset({ ...definitionOf(weather), missing: [], maxUnreadable: 0 });
    const rows = [...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((hour) => row(hour)), 'x', 'y'];
    expect((await csv([row(1), row(2), 'x', 'y'], { known: [lenient] })).totals).toMatchObject({ valid: 2 });
    expect((await csv(rows, { known: [strict] })).totals.refusal).toBeDefined();
  });

  test('that is accepted the lines that can be read are taken', async () => {
    const { totals } = await csv([row(1), 'x', 'y'], { accepted: true });
    expect(totals).toMatchObject({ lines: 3, valid: 1, rejected: { 'wrong-columns': 2 } });
  });

  test('of the stream no line stands or falls with others', async () => {
    const line = '{"dataset":"weather-multi","sensorId":"a","timestamp":"2026-05-01T00:00:00Z","temp":1}\n';
    const { totals } = await parseBytes(`x\ny\nz\n${line}`, { known });
    expect(totals).toMatchObject({ lines: 4, valid: 1 });
  });

  test('no row is kept of a refused one', async () => {
    async function* bytes() {
      yield Buffer.from(`${header}\n${row(1)}\nx\ny\n`);
    }
    const source = { key: 'landing/weather-multi/a.csv', arrivedMs: Date.now() };
    const parsed = await parseSegmentRows(
      { source, datasets: known, bytes: bytes() },
      { rejected: () => {} },
    );
    expect(parsed.rows).toEqual([]);
  });
});

describe('the likely cause is named', () => {
  const causeOf = async (body: string | Uint8Array, key: string) =>
    (await parseBytes(body, { key, known })).totals.refusal?.cause;

  test('day and month in the other order', async () => {
    const { totals } = await parseBytes(fixture('us-dates/us.csv'), { key: 'landing/buoy-es/us.csv', known });
    expect(totals.refusal).toMatchObject({ reason: 'unreadable-lines', lines: { length: 5 } });
    expect(totals.refusal?.cause).toContain('MM/dd/yyyy HH:mm, not as dd/MM/yyyy HH:mm');
  });

  test.each([
    ['decimal commas', `${header.replaceAll(',', ';')}\n${[1, 2].map((hour) => row(hour).replaceAll(',', ';').replace(';10;', ';10,5;')).join('\n')}\n`, 'weather-multi/a.csv', 'decimal comma'],
    ['decimal commas under a row of units', `${header.replaceAll(',', ';')}\n;;°C;%;m/s\n${[1, 2].map((hour) => row(hour).replaceAll(',', ';').replace(';10;', ';10,5;')).join('\n')}\n`, 'weather-multi/a.csv', 'decimal comma'],
    ['commas between thousands', `${header}\n${[1, 2].map((hour) => row(hour, '"1,001.5"')).join('\n')}\n`, 'weather-multi/a.csv', 'commas between thousands'],
    ['rows of another width', `${header}\n${row(1)},\n${row(2)},\n`, 'weather-multi/a.csv', '6 cells where the header has 5'],
    ['a JSON array over many lines', JSON.stringify([{ temp: 1 }], null, 2), 'weather-multi/a.json', 'spread over several lines'],
    ['JSON objects over many lines', JSON.stringify({ temp: 1, hum: 2 }, null, 2), 'weather-multi/a.json', 'spread over several lines'],
    ['cells under a name of JSON', `${header}\n${row(1)}\n`, 'weather-multi/a.json', 'ends in .csv'],
    ['limits of detection', `${header}\n${['<0.05', '\u2264 0.1'].map((limit, hour) => row(hour, limit)).join('\n')}\n`, 'weather-multi/a.csv', 'below or above a limit'],
    ['words of Python in JSON', '{"temp":NaN}\n{"hum":[1,-Infinity],"temp":1}\n', 'weather-multi/a.ndjson', 'allow_nan=False'],
    ['a dict that Python printed', "{'temp': 1}\n[{'temp': 2}]\n", 'weather-multi/a.ndjson', 'single quotes'],
  ])('%s', async (_, body, key, cause) => {
    expect(await causeOf(body, `landing/${key}`)).toContain(cause);
  }); // biome-ignore format: a table
});

test.each([
  ['lines', '{"sensorId":"a","timestamp":"2026-05-01T00:00:00Z","temp":1}\n', '"sensorId'],
  ['a list', '[{"temp":1},{"temp":2}]', '[{'],
  ['a list of lists', '[[1,2],[3,4]]', '[[1'],
  ['objects over many lines', JSON.stringify({ temp: 1, hum: 2 }, null, 2), '{'],
  ['a list over many lines', JSON.stringify([{ temp: 1 }], null, 2), '['],
])('JSON under the name of a table is said to be JSON, with the way out: %s', async (_, body, shown) => {
  const { refusal } = (await parseBytes(body, { key: 'landing/weather-multi/a.csv', known })).totals;
  expect(refusal?.detail).toContain('the file begins as JSON, not as a table');
  expect(refusal?.detail).toContain(JSON.stringify(shown).slice(1, -1));
  expect(refusal?.detail).toContain('Call it .ndjson or .json');
});

test('JSON in a file of which the format names the columns is said to be JSON too', async () => {
  const gauge = defineDataset({
    ...{ name: 'gauge', timeZone: 'UTC', shards: 1, defaultSensorId: 'g' },
    measures: { stage: { unit: 'ft', min: 0, max: 100 } },
    formats: [text({ match: '*.dat', header: ['time', 'stage'], time: { column: 'time', format: 'iso' } })],
  });
  for (const indent of [0, 2]) {
    const body = [1, 2].map((stage) => `${JSON.stringify({ time: 'x', stage }, null, indent)}\n`).join('');
    const { totals } = await parseBytes(body, { key: 'landing/gauge/a.dat', known: [gauge] });
    expect(totals.refusal).toMatchObject({ cause: expect.stringContaining('it is JSON, and no table') });
  }
});

test('a header with brackets is one', async () => {
  const { totals } = await parseBytes(`[x],${header}\n1,${row(1)}\n`, {
    key: 'landing/weather-multi/a.csv',
    known,
  });
  expect(totals).toMatchObject({ valid: 1, columns: { unmapped: ['[x]'] } });
});

describe('lines that contradict how the file is read refuse it, although they are few', () => {
  const day = (of: string, light = '5') => `${of}/2026 12:00;10.5;${light}`;
  const readBuoy = (rows: readonly string[], more: object = {}) =>
    parseBytes(`Fecha;Temperatura (°C);Iluminancia (lx)\n${rows.join('\n')}\n`, {
      ...{ key: 'landing/buoy-es/a.csv', known },
      ...more,
    });
  const early = Array.from({ length: 12 }, (_, at) => day(`05/${String(at + 1).padStart(2, '0')}`));

  test('one day that exists only with the month first, where none shows that the day is', async () => {
    const { totals } = await readBuoy([...early, day('05/13')]);
    expect(totals).toMatchObject({ lines: 0, refusal: { reason: 'contradicting-lines' } });
    expect(totals.refusal?.detail).toContain('"05/13/2026 12:00" can be read as MM/dd/yyyy HH:mm');
    expect(totals.refusal?.lines).toMatchObject([{ line: 14, reason: 'invalid-timestamp' }]);
    const accepted = await readBuoy([...early, day('05/13')], { accepted: true });
    expect(accepted.totals).toMatchObject({ lines: 13, valid: 12 });
  });

  test('two such days in any file, and one is a slip where another day shows the order', async () => {
    const one = await readBuoy([...early, day('13/05'), day('05/14')]);
    expect(one.totals).toMatchObject({ valid: 13, rejected: { 'invalid-timestamp': 1 } });
    const two = await readBuoy([...early, day('13/05'), day('05/14'), day('05/15')]);
    expect(two.totals.refusal).toMatchObject({ reason: 'contradicting-lines' });
  });

  test('times that the clock skipped when summer time began show no other order', async () => {
    const gauge = defineDataset({
      ...{ name: 'gauge', timeZone: 'America/New_York', shards: 1, defaultSensorId: 'g' },
      measures: { stage: { unit: 'ft', min: 0, max: 100 } },
      csv: { timestamp: ['time', 'MM/dd/yyyy HH:mm'] },
    });
    const times = Array.from({ length: 16 }, (_, at) => {
      const quarter = `${String(at >> 2).padStart(2, '0')}:${['00', '15', '30', '45'][at & 3]}`;
      return `03/09/2025 ${quarter},1`;
    });
    const { totals } = await parseBytes(
      `time,stage\n${times.slice(2).join('\n')}\n${'03/10/2025 01:00,1\n'.repeat(6)}`,
      {
        key: 'landing/gauge/a.csv',
        known: [gauge],
      },
    );
    expect(totals).toMatchObject({ valid: 16, rejected: { 'invalid-timestamp': 4 } });
    expect(totals.refusal).toBeUndefined();
  });

  test('ISO days with the month last, in CSV, and two of them in JSON', async () => {
    const rows = Array.from({ length: 12 }, (_, at) =>
      row(1).replace('05-01', `${String(at + 1).padStart(2, '0')}-05`),
    );
    const last = row(1).replace('05-01', '13-05');
    expect((await csv([...rows, last])).totals.refusal).toMatchObject({ reason: 'contradicting-lines' });
    const json = (line: string) => JSON.stringify({ sensorId: 'a', timestamp: line.split(',')[1], temp: 1 });
    const readJson = (lines: readonly string[]) =>
      parseBytes(`${lines.map(json).join('\n')}\n`, { key: 'landing/weather-multi/a.ndjson', known });
    expect((await readJson([...rows, last])).totals).toMatchObject({ valid: 12 });
    expect((await readJson([...rows, last, last])).totals.refusal).toMatchObject({
      reason: 'contradicting-lines',
    });
    // Also of lines that are rejected for something else.
    const western = [...rows, last, last].map((line, at) => {
      const bytes = `${json(line).replace('"a"', at > 11 ? '"Río"' : '"a"')}\n`;
      return Buffer.from(bytes, 'latin1');
    });
    const { totals } = await parseBytes(Buffer.concat(western), {
      key: 'landing/weather-multi/a.ndjson',
      known,
    });
    expect(totals.refusal).toMatchObject({ reason: 'contradicting-lines' });
    const westernCsv = [header, ...rows, last].map((line) =>
      Buffer.from(`${line.replace('S,2026-13', 'Río,2026-13')}\n`, 'latin1'),
    );
    const csvTotals = (
      await parseBytes(Buffer.concat(westernCsv), { key: 'landing/weather-multi/a.csv', known })
    ).totals;
    expect(csvTotals.refusal).toMatchObject({ reason: 'contradicting-lines' });
  });

  test('a decimal comma, where a point may stand between thousands', async () => {
    const whole = Array.from({ length: 9 }, (_, at) => `0${at + 1}/05/2026 12:00;10;13.750`);
    const { totals } = await readBuoy([...whole, '10/05/2026 12:00;10,5;900']);
    expect(totals.refusal).toMatchObject({ reason: 'contradicting-lines' });
    expect(totals.refusal?.detail).toContain('"13.750" may be meant as a whole number');
    const slip = await readBuoy([...whole, day('10/05'), '11/05/2026 12:00;10,5;900']);
    expect(slip.totals).toMatchObject({ valid: 10, rejected: { 'wrong-type': 1 } });
    const grouped = await readBuoy([...whole, '10/05/2026 12:00;10;1.234.567']);
    expect(grouped.totals.refusal).toMatchObject({ reason: 'contradicting-lines' });
  });

  test('another header in the middle, whole, glued to a row, or in another encoding', async () => {
    const other = 'station,time,hum,temp,wind';
    for (const line of [other, `S,2026-05-01T00:00:00Z,1${other}`, `"${other.replaceAll(',', '","')}"`]) {
      const { totals, outcomes } = await csv([row(1), row(2), row(3), row(4), row(5), line, row(6)]);
      expect(totals.refusal).toMatchObject({
        reason: 'wrong-columns',
        detail: expect.stringContaining('line 7 is another header'),
      });
      expect(outcomes.filter(({ reading }) => reading)).toEqual([]);
    }
    const western = Buffer.from(
      `${day('01/05')}\nIluminancia (lx);Temperatura (°C);Fecha\n${day('02/05')}\n`,
      'latin1',
    );
    const file = Buffer.concat([Buffer.from('Fecha;Temperatura (°C);Iluminancia (lx)\n'), western]);
    const { totals } = await parseBytes(file, { key: 'landing/buoy-es/a.csv', known });
    expect(totals.refusal).toMatchObject({ reason: 'wrong-columns' });
  });

  test('the same header again costs its line alone', async () => {
    for (const again of [header, `\ufeff${header}`, `S,2026-05-01T00:00:00Z,1${header}`]) {
      const { totals } = await csv([row(1), row(2), row(3), row(4), again, row(5)]);
      expect(totals).toMatchObject({ lines: 6, valid: 5 });
    }
  });
});

test('a header with a NUL character refuses the file', async () => {
  for (const damaged of [header.replace('hum', 'wind').replace(/wind$/, '\0wind'), `\0${header}`]) {
    const { totals } = await parseBytes(`${damaged}\n${row(1)}\n`, {
      key: 'landing/weather-multi/a.csv',
      known,
    });
    expect(totals.refusal).toMatchObject({ reason: 'not-text', detail: expect.stringContaining('header') });
  }
});

test('lines with NUL characters are rejected, and many of them refuse the file', async () => {
  const rows = Array.from({ length: 9 }, (_, at) => row(at + 1));
  const { totals, outcomes } = await csv([...rows, row(10).replace('S', 'S\0')]);
  expect(totals).toMatchObject({ valid: 9, rejected: { 'not-text': 1 } });
  expect(outcomes.at(-1)?.detail).toContain('NUL');
  expect((await csv([row(1), '\0'.repeat(40), '\0\0'])).totals.refusal).toMatchObject({
    reason: 'unreadable-lines',
  });
});

test('a header may begin with the word that another format begins with', async () => {
  for (const name of ['PAR1', 'ORC', 'BZh']) {
    const body = `${name},${header}\n1,${row(1)}\n`;
    const { totals } = await parseBytes(body, { key: 'landing/weather-multi/a.csv', known });
    expect(totals).toMatchObject({ valid: 1, columns: { unmapped: [name] } });
  }
});

describe('what is no text says what it is, once', () => {
  const wide = Buffer.from(`${header}\n${`${row(1)}\n`.repeat(20)}`, 'utf16le');
  test.each<[string, Uint8Array, string]>([
    ['an Excel workbook', Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.from('..[Content_Types].xml\n\n')]), 'an Excel workbook (.xlsx)'],
    ['a ZIP archive', Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.from('a.csv\nx\n')]), 'a ZIP archive'],
    ['Parquet', Buffer.from('PAR1\x15\0\nx\nPAR1'), 'a Parquet file'],
    ['UTF-16 without one', wide, 'text in UTF-16'],
    ['UTF-32', Buffer.concat([Buffer.from('fffe0000', 'hex'), ...[...'x,y\n'].map((letter) => Buffer.from([letter.charCodeAt(0), 0, 0, 0]))]), 'text in UTF-32'],
    ['UTF-32 without a mark', Buffer.concat([...'x,yz\n'.repeat(50)].map((letter) => Buffer.from([0, 0, 0, letter.charCodeAt(0)]))), 'text in UTF-32'],
    ['a binary table of a logger', Buffer.from('"TOB1","S","CR9000"\r\n\x01\x02\n'), 'TOB1'],
    ['gzip twice', gzipSync(gzipSync('x\n')), 'gzip inside of gzip'],
    ['bzip2', Buffer.from('BZh91AY&SY\x01\n'), 'bzip2'],
    ['Zstandard', Buffer.from('28b52ffd0a0a', 'hex'), 'Zstandard'],
    ['xz', Buffer.from('fd377a585a000a', 'hex'), 'xz'],
    ['XML', Buffer.from('<?xml version="1.0"?>\n<t>\n'), 'XML; accepted'],
    ['a page', Buffer.from('\ufeff<!DOCTYPE html>\n<html>\n'), 'a page in HTML'],
    ['a workbook that is a page', Buffer.from('<html xmlns:o="urn:x">\n<table>\n'), 'a page in HTML'],
    ['MATLAB', Buffer.from('MATLAB 5.0 MAT-file\x00\n'), 'a MATLAB file'],
    ['a file of a logger', Buffer.from('HOBO\x01\x02\n'), 'HOBOware'],
    ['PDF', Buffer.from('%PDF-1.7\nx\n'), 'a PDF'],
    ['an image', Buffer.from('89504e470d0a1a0a', 'hex'), 'a PNG image'],
  ])('%s', async (_, body, what) => {
    for (const key of ['landing/weather-multi/a.csv', 'landing/weather-multi/a.ndjson'])
      for (const accepted of [false, true]) {
        const { totals, outcomes } = await parseBytes(body, { key, known, accepted, chunkBytes: 7 });
        expect(totals.refusal).toMatchObject({ reason: 'not-text', detail: expect.stringContaining(what) });
        expect([outcomes, totals.lines]).toEqual([[], 0]);
      }
    const line = '{"dataset":"weather-multi","sensorId":"a","timestamp":"2026-05-01T00:00:00Z","temp":1}\n';
    const inStream = await parseBytes(
      what === 'gzip inside of gzip' ? body : Buffer.concat([body, Buffer.from(`\n${line}x\n`)]),
      { known },
    );
    expect(inStream.outcomes[0]).toMatchObject({ line: 1, reason: 'not-text', detail: expect.stringContaining(what) });
    const after = inStream.outcomes.slice(1).map(({ reading, reason }) => reading?.sensorId ?? reason);
    expect(after).toEqual(what === 'gzip inside of gzip' ? [] : ['a', 'not-json']);
  }); // biome-ignore format: a table

  test('a header in another encoding is named, and no row is taken for one', async () => {
    const key = 'landing/buoy-es/estacion1252.csv';
    const { totals, outcomes } = await parseBytes(fixture('windows-1252/estacion1252.csv'), { key, known });
    expect(totals.refusal).toMatchObject({
      reason: 'not-utf8',
      cause: expect.stringContaining('Windows-1252'),
    });
    expect(totals.refusal?.detail).toContain('Temperatura (°C)');
    expect(outcomes).toEqual([]);
  });

  test.each([['a.txt'], ['a.dat'], ['a.xlsx'], ['a.tsv.gz']])(
    '%s: an ending that says no format',
    async (name) => {
      const key = `landing/weather-multi/${name}`;
      const { totals } = await parseBytes(gzipSync(`${header}\n${row(1)}\n`), { key, known });
      expect(totals.refusal).toMatchObject({ reason: 'unknown-format' });
      const json = '{"sensorId":"a","timestamp":"2026-05-01T00:00:00Z","temp":1}\n';
      expect((await parseBytes(gzipSync(json), { key, known })).totals).toMatchObject({ valid: 1 });
    },
  );
});

test('columns that nothing maps, and measures without one, are told', async () => {
  const body = `station,time,temp,Hum,note\nS,2026-05-01T00:00:00Z,1,2,x\n`;
  const { totals } = await parseBytes(body, { key: 'landing/weather-multi/a.csv', known });
  expect(totals).toMatchObject({ valid: 1, columns: { unmapped: ['Hum', 'note'], absent: ['hum', 'wind'] } });
  expect((await csv([row(1)])).totals.columns).toBeUndefined();
});

test('a last row that no newline ends is kept, and told', async () => {
  const key = 'landing/weather-multi/a.csv';
  const cut = await parseBytes(`${header}\n${row(1)}\n${row(2).slice(0, -1)}12`, { key, known });
  expect(cut.totals).toMatchObject({ valid: 2, unterminated: true });
  expect((await csv([row(1)])).totals.unterminated).toBeUndefined();
});
