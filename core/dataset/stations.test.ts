import { describe, expect, test } from 'vitest';
import { readStations } from './stations.ts';

const header = 'sensorId,name,latitude,longitude,elevation,tags\n';

describe('a table of stations', () => {
  test('has what its owner says of them, as a spreadsheet writes it', () => {
    const text = `\ufeffsensorId,name,latitude,longitude,elevation,tags\r
 pier-1 ,"Harbour, ""old"" pier",36.7213,-4.4214,-1.5,coast; city;coast\r
\r
"a, b",,,,,\r
R\u0069\u0301o,"Two
lines"`.replace('"Two\nlines"', 'Río,0,-180,,');
    expect(readStations(`${text}\r\n`)).toEqual({
      stations: [
        {
          ...{ sensorId: 'pier-1', name: 'Harbour, "old" pier', latitude: 36.7213, longitude: -4.4214 },
          ...{ elevation: -1.5, tags: ['coast', 'city'] },
        },
        { sensorId: 'a, b', tags: [] },
        { sensorId: 'Río', name: 'Río', latitude: 0, longitude: -180, tags: [] },
      ],
    });
    expect(readStations('sensorId')).toEqual({ stations: [] });
    expect(readStations('tags,sensorId\nx,1')).toEqual({ stations: [{ sensorId: '1', tags: ['x'] }] });
  });

  test.each([
    ['', 'line 1: no column sensorId'],
    ['sensorId;name\n', 'line 1: unknown column "sensorId;name"'],
    ['sensorId,sensorId\n', 'a column is there twice'],
    [`${header}a,b\n`, 'line 2: 2 cells under 6 columns'],
    [`${header}a,,,,,\n\n..,,,,,\n`, 'line 4: sensorId is ".."'],
    [`${header}a,"x\ny",,,,\n`, 'line 2: name is "x\\ny"'],
    [`${header}a,${'n'.repeat(201)},,,,\n`, 'line 2: name'],
    [`${header}a,,90.1,0,,\n`, 'line 2: latitude is "90.1"; accepted: a number from -90 to 90'],
    [`${header}a,,0,181,,\n`, 'longitude is "181"'],
    [`${header}a,,"36,7",0,,\n`, 'latitude is "36,7"'],
    [`${header}a,,1e1,0,,\n`, 'latitude is "1e1"'],
    [`${header}a,,36.7,,,\n`, 'line 2: latitude and longitude; accepted: both or none'],
    [`${header}a,,,,9001,\n`, 'elevation is "9001"'],
    [`${header}a,,,,,two words\n`, 'tags is "two words"'],
    [`${header}a,,,,,${Array.from({ length: 21 }, (_, index) => `t${index}`).join(';')}\n`, 'at most 20'],
    [`${header}a,,,,,\nb,,,,,\na,,,,,\n`, 'line 4: sensorId is that of line 2'],
    [`${header}a,"open,,,,\n`, 'line 2: a quotation mark'],
    [`${header}a,in"side,,,,\n`, 'line 2: a quotation mark'],
  ])('%j is told what is wrong', (text, fault) => {
    expect((readStations(text) as { fault: string }).fault).toContain(fault);
  });
});
