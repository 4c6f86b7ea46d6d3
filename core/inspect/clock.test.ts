import { expect, test } from 'vitest';
import { clockOf } from './clock.ts';

const local = { format: 'yyyy-MM-dd HH:mm', zone: undefined };
const at = (...times: string[]) => times.map((time) => Date.parse(`2026-10-25T${time}:00Z`));
const clock = (heads: string[], localMs: number[] = [], answers = {}) =>
  clockOf(local, { heads, localMs }, answers);

test.each([
  ['Date Time, GMT-05:00', '-05:00', 'Etc/GMT+5'],
  ['Time (UTC)', 'UTC', 'UTC'],
  ['time [UTC+1]', '+01:00', 'Etc/GMT-1'],
  ['GMT+05:30', '+05:30', 'UTC'],
  ['UTC+00:00', 'UTC', 'UTC'],
  ['time_utc', 'UTC', 'UTC'],
  ['DateUTC', 'UTC', 'UTC'],
  ['UTC offset: -7', '-07:00', 'Etc/GMT+7'],
])('%s says its zone', (head, zone, timeZone) => {
  expect(clock([head])).toMatchObject({ zone, timeZone, questions: [] });
});

test.each(['Augmtime', 'Time', 'utcome', 'GMT+25:00', 'UTC offset: 3600'])(
  '%s says none, and it is asked',
  (head) => {
    expect(clock([head]).questions).toMatchObject([{ subject: 'zone', options: ['--zone ZONE'] }]);
  },
);

test('a line above the header names it as a guess, and the time at which the file was written none', () => {
  const found = (line: string) => clockOf(local, { heads: ['Time'], above: [line], localMs: [] }, {});
  expect(found('Time zone: UTC+1')).toMatchObject({
    zone: '+01:00',
    questions: [],
    findings: [{ subject: 'zone', certainty: 'guessed' }, {}],
  });
  expect(found('  UTC              =+01:00')).toMatchObject({ zone: '+01:00' });
  for (const time of ['12:00 UTC', '12:00:05.123 GMT', '12:00UTC+02:00', '10:00 AM UTC'])
    expect(found(`# Exported 2026-06-01 ${time}`).questions).toMatchObject([{ subject: 'zone' }]);
});

test('times with their own offset need none', () => {
  const each = { format: 'iso', zone: 'each' } as const;
  expect(clockOf(each, { heads: [], localMs: [] }, {})).toMatchObject({ zone: undefined, questions: [] });
});

test('what the owner says is the zone, and that of days and months where it has a name', () => {
  expect(clock([], [], { zone: 'Europe/Madrid' })).toMatchObject({
    zone: undefined,
    timeZone: 'Europe/Madrid',
  });
  expect(clock([], [], { zone: '+01:00' })).toMatchObject({ zone: '+01:00', timeZone: 'Etc/GMT-1' });
  expect(clock([], [], { zone: '+01:00', timeZone: 'Europe/Madrid' })).toMatchObject({
    zone: '+01:00',
    timeZone: 'Europe/Madrid',
  });
});

test('the question tells what the order of the times shows', () => {
  const textOf = (...times: string[]) => clock([], at(...times)).questions[0]?.text;
  expect(textOf('01:00', '01:30', '02:00', '02:30', '02:00', '02:30', '03:00')).toContain('is there twice');
  expect(textOf('01:00', '01:30', '02:00', '02:30', '03:00', '03:30')).toContain('standard time');
  const spring = ['00:30', '01:00', '01:30', '03:00', '03:30', '04:00'].map((time) =>
    Date.parse(`2026-03-29T${time}:00Z`),
  );
  expect(clock([], spring).questions[0]?.text).toContain('is missing');
});
