import { expect, test } from 'vitest';
import { realFile } from '../../test/support/inspect-cases.ts';
import { inspected, readAsInspected } from '../../test/support/inspected.ts';
import { inspectFile, sampleOf as wholeLines } from './inspect-file.ts';

test('ids of a SensorThings server are no measures', () => {
  const at = (id: number) => ({
    ...{ '@iot.id': id, phenomenonTime: '2026-05-01T10:00:00Z', result: 20.5 },
    Datastream: { '@iot.id': 3, name: 'temp' },
  });
  const found = inspected('a.json', JSON.stringify({ value: [at(7), at(9)] }));
  expect(found.measures.map(({ name }) => name)).toEqual(['result']);
  expect(found.unread.map(({ reason }) => reason)).toContain('it is an annotation of OData');
});

test.each(['<0.1', '12.3*', '', '-9999 E'])(
  'a first row with %s for its number is a row, and none of units',
  async (cell) => {
    for (const time of ['2026-05-01T10:00:00Z', '1777629600']) {
      const at = (minutes: number) =>
        time.includes('T') ? time.replace('10:00', `10:${minutes}`) : String(Number(time) + 60 * minutes);
      const bytes = `station,time,no2\nA,${time},${cell}\nA,${at(10)},0.5\nA,${at(20)},0.6\n`;
      const { found, totals } = await readAsInspected('a.csv', bytes);
      expect(found.definition.formats?.[0]).not.toHaveProperty('skipRows');
      expect(totals.lines + (totals.passedOver?.['no-value'] ?? 0)).toBe(3);
    }
  },
);

test('rows of one sensor and time that nothing read tells apart are told', () => {
  const repeated = (bytes: string) =>
    inspected('a.csv', bytes, { zone: 'UTC' }).findings.find(({ subject }) => subject === 'rows of one time');
  const found = { certainty: 'guessed', value: '2 of 4' };
  expect(
    repeated(
      'site,logger,Time,T\nA,1,2026-05-13 00:00,2.5\nA,2,2026-05-13 00:00,2.6\nB,1,2026-05-13 00:00,2\nB,2,2026-05-13 00:00,3\n',
    ),
  ).toMatchObject(found);
  expect(
    repeated('site,Date,Time,T\nA,20260513,50,1\nA,20260513,100,2\nA,20260514,0,3\nA,20260514,50,4\n'),
  ).toMatchObject(found);
  expect(repeated('site,Time,T\nA,2026-05-13 00:00,1\nA,2026-05-13 00:00,1\n')).toBeUndefined();
});

test.each([
  ['T,', '2.5,3', 'line 1 does not name each column'],
  ['T,T', '2.5,3', 'it names some columns alike'],
  ['T,H', '20,5,50,1', 'line 1 has 3 cells and the rows have 5'],
])('a header of %s above %s has not the name of each column, and it is said why', (names, cells, why) => {
  const { findings } = inspected(
    'a.csv',
    `Time,${names}\n2026-05-13 00:00,${cells}\n2026-05-13 00:10,${cells}\n`,
  );
  expect(findings.find(({ subject }) => subject === 'header')?.reason).toContain(why);
});

test('times that no one form reads are shown', () => {
  const bytes = 'Time,T\n2026-05-13T00:20:00Z,20.5\n2026-05-13 00:30 IST,20.6\n';
  expect(() => inspected('a.csv', bytes)).toThrow('the cells of Time, such as 2026-05-13T00:20:00Z');
});

test('values of a row each are converted from the unit that their row says, or called by it', async () => {
  const bytes =
    'station,time,parameter,value,unit\nA,2026-05-01T00:00:00Z,temp,12.5,C\nA,2026-05-01T01:00:00Z,temp,13,C\nA,2026-05-01T00:00:00Z,air,50,°F\nA,2026-05-01T01:00:00Z,air,10,°C\n';
  const units = { temp: '°C', air: '°C' };
  const { readings, rejected } = await readAsInspected('a.csv', bytes, { units });
  expect([readings, rejected]).toEqual([
    [
      ['2026-05-01T00:00:00.000Z', 'A', 12.5, 10],
      ['2026-05-01T01:00:00.000Z', 'A', 13, null],
    ],
    ['wrong-unit'],
  ]);
});

test.each([
  ['nothing', '', 'empty'],
  ['a workbook', Buffer.from('504b030414000600', 'hex'), 'ZIP'],
  ['JSON without a number', '{"time":"2026-05-01T00:00:00Z","id":"a"}', 'no value of it is a number'],
  ['JSON without a time', '{"id":"a","x":1}', 'says when'],
  ['JSON that breaks off', '{"id":"a","x":', 'no document of it is whole'],
  ['prose', 'It was a dark night.\nAnd it rained.\n', 'no row of it has a number'],
  ['rows without a time', 'a,b\n1,2\n3,4\n', 'says when'],
  ['rows without a number', realFile('renamed-column/all-empty.csv'), 'no column of it has numbers'],
])('of %s nothing is made, and why is said', (_, bytes, message) => {
  const start = { bytes: Buffer.from(bytes), isWhole: true, name: 'x.csv' };
  expect(inspectFile(start, { name: 'x', answers: {}, shipped: { text: [], json: [] } })).toEqual({
    fault: expect.stringContaining(message),
  });
});

test('of a file that goes on only whole lines are looked at', () => {
  const cut = (text: string, encoding: BufferEncoding) =>
    wholeLines({ bytes: Buffer.from(text, encoding), isWhole: false, name: 'x' }).toString(encoding);
  expect(cut('a\nbc', 'utf8')).toBe('a\n');
  expect(cut('a\nbc', 'utf16le')).toBe('a\n');
  expect(cut('abc', 'utf8')).toBe('abc');
});

test('JSON under the name of a table is JSON, and the name is told', async () => {
  const bytes =
    '{"id":"a","time":"2026-05-01T00:00:00Z","t":1}\n{"id":"a","time":"2026-05-01T01:00:00Z","t":2}\n';
  for (const name of ['a.csv', 'a.TXT', 'a.dat']) {
    const { found, readings } = await readAsInspected(name, bytes);
    expect(readings).toHaveLength(2);
    expect(found.findings).toContainEqual(
      expect.objectContaining({
        subject: 'format',
        value: 'JSON',
        reason: expect.stringContaining('whatever its name says'),
      }),
    );
    expect(found.findings.find(({ subject }) => subject === 'files')?.reason).toContain('--match');
  }
});

const month = Array.from(
  { length: 31 },
  (_, day) => `${String(day < 30 ? 100 + day : -9999).padStart(5)}  a`,
).join('');
test.each([
  ['arrays', '112,2002,112,1456,43,-.99619\r\n115,2002,112,1456,43,-.99619,0,0,0\r\n112,2002,113,0,44,.06\r\n', 'output arrays of a Campbell'],
  ['printable ASCII', '01+0112. 02+2002. 03+0007. 04+1456. 05-43.000\r\n01+0115. 02+2002. 03+0007.\r\n01+0112. 02+2002. 03+0007.\r\n', 'printable ASCII'],
  ['.dly', `USC00011084202505TMAX${month}\nUSC00011084202505TMIN${month}\n`, 'by_station'],
  ['TOB1', Buffer.concat([Buffer.from('"TOB1","S","CR9000","1","1.00","CPU:A.DLD","25","V"\r\n"SECONDS"\r\n'), Buffer.from([0, 1, 2, 255])]), 'CardConvert'],
  ['XML', '<?xml version="1.0"?>\n<wml2:Collection>\n', 'it is XML: export it as CSV'],
  ['the page of a server', '<!DOCTYPE html>\n<html><body>504</body></html>\n', 'fetch the file again'],
  ['values with names', '2025-06-01 00:00:00 0R0,Dn=236D,Ta=21.6C\n2025-06-01 00:01:00 0R0,Dn=236D,Ta=21.7C\n', 'a name in front of each value'],
  ['topics', 'tele/a/SENSOR {"t":1}\ntele/a/SENSOR {"t":2}\n', 'a topic in front of it'],
  ['objects of Python', "{'time': '2026-06-13T00:00:00Z', 't': 1}\n{'time': '2026-06-13T01:00:00Z', 't': 2}\n", 'json.dumps'],
  ['JSONP', 'callback([{"time":"2026-06-13T00:00:00Z","t":1}]);', 'without a callback'],
  ['UTF-32', Buffer.from([...'time,t\n2025,1\n'].flatMap((letter) => [letter.charCodeAt(0), 0, 0, 0])), 'text in UTF-32'],
  ['UTF-32 with its mark', Buffer.from([0xff, 0xfe, 0, 0, ...[...'time,t\n'].flatMap((letter) => [letter.charCodeAt(0), 0, 0, 0])]), 'text in UTF-32'],
  ['UTF-32, the other way round', Buffer.from([0, 0, 0xfe, 0xff, ...[...'time,t\n'].flatMap((letter) => [0, 0, 0, letter.charCodeAt(0)])]), 'text in UTF-32'],
])('%s is named as what it is, with the way out', (_, bytes, told) => {
  expect(() => inspected('a.dat', bytes)).toThrow(told);
}); // biome-ignore format: a file a line

test('points of line protocol are no lines of a transmitter', async () => {
  const points = [0, 1]
    .map((at) => `weather,station=a,loc=roof temp=2${at}.5,hum=${50 + at}i ${1784505600 + at}000000000\n`)
    .join('');
  const { found, readings } = await readAsInspected('a.lp', points);
  expect(found.shipped?.format.name).toBe('line-protocol');
  expect(readings[1]).toEqual(['2026-07-20T00:00:01.000Z', 'a', 21.5, 51]);
});

test('rows of numbers with a header, or of other parts of a time, are no output arrays', async () => {
  const table = 'id,year,day,min,t\n1,2025,1,15,2.5\n1,2025,1,30,2.6\n1,2025,1,45,2.7\n';
  expect(() => inspected('a.csv', table)).not.toThrow('output arrays');
});
