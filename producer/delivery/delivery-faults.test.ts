import { afterEach, describe, expect, it } from 'vitest';
import { type FirehoseEndpoint, startFirehoseEndpoint } from '../../test/support/firehose-endpoint.ts';
import { runProducer } from '../../test/support/producer-process.ts';

let endpoint: FirehoseEndpoint | undefined;
afterEach(() => endpoint?.close());

const million = ['--dataset', 'water-temperature', '--sensors', '200', '--every', '1m', '--seed', '5'];

describe('against an endpoint that fails', () => {
  it('delivers 1,000,000 readings at least once, in bounded memory, with a tally that is what the endpoint saw', async () => {
    endpoint = await startFirehoseEndpoint({
      faults: {
        seed: 3,
        failEntries: 0.1,
        // About 150 requests: each kind comes, but for one run in two thousand.
        throttle: 0.05,
        fault: 0.05,
        closeBefore: 0.05,
        closeAfter: 0.05,
        late: 0.05,
      },
    });
    const args = [...million, '--count', '1000000', '--request-timeout', '2s', '--deadline', '10m'];
    const { report, code } = await runProducer(args, endpoint);
    const { counts } = endpoint;
    expect(counts.violations).toEqual([]);
    expect(code).toBe(0);
    expect(report).toMatchObject({ ok: true, lines: 1_000_000, acknowledged: 1_000_000, unacknowledged: 0 });
    expect(endpoint.lines.size).toBe(1_000_000);
    expect(report.peakMemoryMib).toBeLessThan(200);
    // What the client was told of, and every request and fault on the way.
    expect(report.records).toBe(counts.answeredRecords);
    expect(report.acknowledged).toBe(counts.answeredLines);
    expect(report.bytes).toBe(counts.answeredBytes);
    expect(report.requests).toBe(counts.requests);
    expect(report.throttled).toBe(counts.throttled);
    expect(report.faults).toBe(counts.faults + counts.closed + counts.late);
    expect(report.failedEntries).toBe(counts.failedEntries);
    expect(
      [counts.throttled, counts.faults, counts.closed, counts.late, counts.failedEntries].every(Boolean),
    ).toBe(true);
    // Lines came again only from requests whose answer was lost.
    expect(counts.takenLines).toBeGreaterThan(1_000_000);
  });

  it('sends again what is answered after a minute', async () => {
    endpoint = await startFirehoseEndpoint({ faults: { late: 1, lateMs: 60_000 } });
    const running = runProducer(['--count', '500', '--sensors', '10'], endpoint);
    const heal = setTimeout(() => {
      if (endpoint) endpoint.faults = {};
    }, 5_000);
    const { report } = await running;
    clearTimeout(heal);
    // The first request is given up after 30 s; its answer comes to nobody.
    expect(report).toMatchObject({ ok: true, acknowledged: 500, faults: 1, requests: 2 });
    expect(report.elapsedMs).toBeGreaterThan(30_000);
    expect(endpoint.lines.size).toBe(500);
  });
});
