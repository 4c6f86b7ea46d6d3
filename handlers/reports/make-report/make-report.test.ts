import { beforeEach, describe, expect, test } from 'vitest';
import type { Cell } from '../../../core/lake/query-result.ts';
import { StatementRefused } from '../../../core/lake/query-result.ts';
import { type ReportPeriod, reportPeriod } from '../../../core/report/report-period.ts';
import salonBookings from '../../../datasets/salon-bookings.ts';
import { StoreUnavailable } from '../../../ports/faults.ts';
import type { Notice } from '../../../ports/records.ts';
import { MemoryObjects } from '../../../test/support/memory-objects.ts';
import { reportFiles } from '../report-files.ts';
import { createMakeReport, type MakeReportPorts } from './make-report.ts';

const bucket = 'reports';
const event = { dataset: 'salon-bookings', time: '2026-06-04T06:00:00Z' };
const sql = '-- @numbers totals: Totals\nselect 1\n-- @table who: Who\nselect 2';
const dueMs = Date.parse(event.time);

let objects: MemoryObjects;
let asked: string[];
let rows: Cell[][];
let sent: Notice[];
let nowMs: number;
let failing: { statement?: Error; publish?: Error; write?: string };

beforeEach(() => {
  objects = new MemoryObjects();
  [asked, sent, nowMs, failing] = [[], [], dueMs, {}];
  rows = [
    ['7', 3],
    ['a/b', 4],
  ];
});

const columns = [
  { name: 'salon_id', type: 'VARCHAR' },
  { name: 'bookings', type: 'BIGINT' },
];

function make(more: Partial<MakeReportPorts> = {}) {
  return createMakeReport({
    statements: {
      async run(statement) {
        asked.push(statement);
        if (failing.statement) throw failing.statement;
        const answered = rows;
        return {
          columns,
          pages: (async function* () {
            yield answered;
          })(),
        };
      },
    },
    objects,
    bucket,
    links: {
      readLink: async ({ key }) => ({
        url: `https://signed.example/${key}`,
        expiresAt: '2026-06-04T12:00:00Z',
      }),
    },
    topic: {
      async publish(notice) {
        if (failing.publish) throw failing.publish;
        sent.push(notice);
      },
    },
    clock: { nowMs: () => nowMs },
    datasets: [salonBookings],
    reports: { 'salon-bookings': sql },
    ...more,
  });
}

const folder = 'reports/salon-bookings/2026-05/';
const stored = async (prefix = folder) => {
  const found: Record<string, string> = {};
  for await (const { key } of objects.list({ bucket, prefix }))
    found[key.slice(prefix.length)] = Buffer.from(
      (await objects.read({ bucket, key }))?.bytes ?? '',
    ).toString('base64');
  return found;
};

test('the files are those of the command, and the message has an address of a page that leads to each', async () => {
  expect(await make()(event)).toEqual({
    dataset: 'salon-bookings',
    month: '2026-05',
    pages: 2,
    written: 7,
    sent: true,
  });
  const sections = ['totals', 'who'].map((name, at) => ({
    section: {
      kind: at === 0 ? ('numbers' as const) : ('table' as const),
      name,
      title: at === 0 ? 'Totals' : 'Who',
      statement: '',
      own: '',
    },
    ...{ columns, rows },
  }));
  const period = reportPeriod('2026-05') as ReportPeriod;
  const of = { dataset: 'salon-bookings', entity: 'salon_id', period };
  const files = reportFiles(of, ['7', 'a/b'], sections);
  expect(await stored()).toEqual(
    Object.fromEntries(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('base64')])),
  );
  const [notice] = sent;
  expect(notice?.message).toContain('\nhttps://signed.example/links/salon-bookings/2026-05.html\n');
  expect(notice?.message).toContain('until 2026-06-04T12:00:00Z');
  expect(notice?.attributes).toEqual({ kind: 'report', dataset: 'salon-bookings', month: '2026-05' });
  const links = Buffer.from(
    (await objects.read({ bucket, key: 'links/salon-bookings/2026-05.html' }))?.bytes ?? '',
  ).toString();
  for (const { path } of files.slice(0, -1))
    expect(links).toContain(`href="https://signed.example/${folder}${path}"`);
});

test('a second delivery asks, writes and sends nothing, whatever the data have become', async () => {
  await make()(event);
  const [before, statements] = [await stored(), asked.length];
  rows = [['9', 1]];
  nowMs += 3_600_000;
  expect(await make()(event)).toMatchObject({ pages: 2, written: 0, sent: false });
  expect([await stored(), asked.length, sent.length]).toEqual([before, statements, 1]);
});

test('deliveries at one time make one report and one message', async () => {
  const [one, other] = await Promise.allSettled([make()(event), make()(event)]);
  const outcomes = [one, other].map(({ status }) => status).sort();
  expect(outcomes).toEqual(['fulfilled', 'rejected']);
  expect([one, other].find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { name: 'NoticeBeingSent' },
  });
  nowMs += 60_000; // Lambda delivers the one that failed again
  expect(await make()(event)).toMatchObject({ written: 0, sent: false });
  expect(sent).toHaveLength(1);
});

test('a call that breaks off anywhere is gone on with: from what the statements answered first', async () => {
  const breaking = (at: number) => {
    let left = at;
    return new Proxy(objects, {
      get(target, name) {
        const member = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]) => {
          if (left-- === 0) throw new StoreUnavailable('broken off');
          return member.apply(target, given);
        };
      },
    });
  };
  await make()(event);
  const whole = await stored();
  for (let at = 0; at < 12; at++) {
    objects = new MemoryObjects();
    sent = [];
    rows = [
      ['7', 3],
      ['a/b', 4],
    ];
    await make({ objects: breaking(at) })(event).catch(() => {});
    const kept = await stored('made/');
    if ('salon-bookings/2026-05/answers.json' in kept) rows = [['9', 1]];
    nowMs += 60_000;
    await make()(event);
    expect(await stored(), `broken off at the call ${at}`).toEqual(whole);
    expect(sent.length, `broken off at the call ${at}`).toBeGreaterThanOrEqual(1);
  }
});

test.each([
  ['statement', new StatementRefused('COLUMN_NOT_FOUND'), 0],
  ['publish', new StoreUnavailable('SNS'), 7],
] as const)(
  'a failure of a %s is a failure of the call, and the next one makes up for it',
  async (what, fault, files) => {
    failing = { [what]: fault };
    await expect(make()(event)).rejects.toBe(fault);
    expect([Object.keys(await stored()).length, sent]).toEqual([files, []]);
    failing = {};
    nowMs += 60_000;
    expect(await make()(event)).toMatchObject({ written: 7 - files, sent: true });
  },
);

test('a month without rows has a message that says so, and no file', async () => {
  rows = [];
  expect(await make()(event)).toMatchObject({ pages: 0, written: 0, sent: true });
  expect(await stored()).toEqual({});
  expect(sent[0]?.message).toBe('There is nothing of salon-bookings, May 2026: no report was made.');
});

describe('the month', () => {
  const monthOf = async (time: string, timeZone: string) => {
    nowMs = Date.parse(time);
    return (await make({ datasets: [{ ...salonBookings, timeZone }] })({ ...event, time })).month;
  };
  test.each([
    ['2026-06-04T06:00:00Z', 'Europe/Madrid', '2026-05'],
    ['2026-06-30T23:00:00Z', 'Pacific/Kiritimati', '2026-06'],
    ['2026-06-01T06:00:00Z', 'Pacific/Pago_Pago', '2026-04'],
    ['2026-01-04T06:00:00Z', 'UTC', '2025-12'],
  ])('that ended by %s in %s is %s', async (time, zone, month) => {
    expect(await monthOf(time, zone)).toBe(month);
  });

  test('may be named, once it has ended', async () => {
    expect(await make()({ dataset: 'salon-bookings', month: '2025-12' })).toMatchObject({
      month: '2025-12',
      sent: true,
    });
    await expect(make()({ dataset: 'salon-bookings', month: '2026-06' })).rejects.toThrow(
      '2026-06 has not ended in',
    );
  });

  test.each([
    [{}, 'accepted:'],
    [{ dataset: 'none', time: event.time }, 'none has no report; accepted: salon-bookings'],
    [{ dataset: 'constructor', time: event.time }, 'constructor has no report'],
    [{ dataset: 'salon-bookings', month: "2026-05' or 1=1" }, 'accepted:'],
    [{ dataset: 'salon-bookings', time: 'yesterday' }, 'accepted:'],
    [{ ...event, more: 'x'.repeat(10_000) }, 'accepted:'],
  ])('of %j is refused by name', async (input, why) => {
    const failed = make()(input);
    await expect(failed).rejects.toMatchObject({ name: 'ReportRefused' });
    await expect(failed).rejects.toThrow(why);
    expect(asked).toEqual([]);
  });
});
