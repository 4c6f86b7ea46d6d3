import fc from 'fast-check';
import { expect, test } from 'vitest';
import { datasets } from '#datasets';
import { type Fact, factLines, factOf, maxEventDataLength } from '../core/streams/facts.ts';
import { GatheredFacts } from '../core/streams/gathered-facts.ts';
import { type LogEntry, logPartitionOf } from '../core/streams/notification-log.ts';
import { type Commit, encodeCommit, type Named, type StreamKey } from '../core/streams/stream.ts';
import { parseBytes } from '../test/support/parse-bytes.ts';
import { streams } from './registry.ts';

const nowMs = Date.parse('2026-05-02T08:00:00.123Z');
const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/);
const time = fc.integer({ min: 0, max: 86_400_000 }).map((ms) => new Date(nowMs + ms).toISOString());
const event: fc.Arbitrary<Named> = fc.oneof(
  fc.record({
    name: fc.constant('created'),
    data: fc.record({ reservationId: id, employeeId: id, userId: id, slotStart: time, slotEnd: time }),
  }),
  fc.record({ name: fc.constantFrom('canceled', 'completed'), data: fc.record({ reservationId: id }) }),
);
const content = fc.record({
  commandId: id,
  digest: fc.stringMatching(/^[A-Za-z0-9_-]{22}$/),
  occurredMs: fc.integer({ min: 0, max: nowMs }),
  recordedMs: fc.integer({ min: nowMs - 1_000, max: nowMs }),
  events: fc.array(event, { minLength: 1, maxLength: 4 }),
});

/** Some streams, whose commits are in their logs in entries of a few. */
const stores = fc
  .record({
    commits: fc.array(fc.tuple(fc.constantFrom(...streams), fc.constantFrom('a', 'b', 'c-7'), content), {
      minLength: 1,
      maxLength: 12,
    }),
    sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 12, maxLength: 12 }),
  })
  .map(({ commits, sizes }) => {
    const heads = new Map<string, number>();
    const placed = commits.map(([stream, of, each]) => {
      const key: StreamKey = { stream: stream.name, id: of };
      const position = (heads.get(`${key.stream}/${key.id}`) ?? 0) + 1;
      heads.set(`${key.stream}/${key.id}`, position);
      return { stream, key, commit: { position, ...each } satisfies Commit };
    });
    const logs = [0, 1, 2, 3].map((partition) => {
      const waiting = placed.filter(({ key }) => logPartitionOf(key) === partition);
      const entries: { entry: LogEntry; of: typeof placed }[] = [];
      while (waiting.length > 0) {
        const of = waiting.splice(0, sizes[entries.length] ?? 1);
        const named = of.map(({ key, commit }) => ({
          ...{ ...key, position: commit.position, recordedAt: new Date(commit.recordedMs).toISOString() },
          events: commit.events.map(({ name }) => name),
        }));
        entries.push({ entry: { position: entries.length + 1, commits: named }, of });
      }
      return entries;
    });
    const lines = logs
      .flat()
      .flatMap(({ entry, of }) =>
        of.flatMap(({ stream, key, commit }) => factLines(stream, key, commit, entry)),
      );
    return { placed, logs, lines };
  });

async function factsOf(lines: readonly string[]): Promise<Fact[]> {
  const { outcomes } = await parseBytes(`${lines.join('\n')}\n`, {
    ...{ key: 'raw/2026/05/02/08/streams', known: datasets },
    arrivedMs: nowMs,
  });
  return outcomes.map(({ reading, ...rejected }) => {
    const dataset = datasets.find(({ name }) => name === 'reservations');
    const fact = reading && dataset && factOf(dataset, reading);
    if (fact === undefined || fact === 'unreadable') throw new Error(JSON.stringify(rejected));
    return fact;
  });
}

test('what the relay sends is taken by the dataset, and comes to the same commits and entries in any order, however often', async () => {
  await fc.assert(
    fc.asyncProperty(stores, fc.infiniteStream(fc.nat()), async ({ placed, logs, lines }, chance) => {
      const facts = await factsOf(lines);
      const sent = [...facts, ...facts.filter(() => (chance.next().value ?? 0) % 3 === 0)]
        .map((fact) => [chance.next().value ?? 0, fact] as const)
        .sort(([a], [b]) => a - b)
        .map(([, fact]) => fact);
      const gathered = new GatheredFacts();
      const found = sent.flatMap((fact) => gathered.add(fact));
      const named = ({ stream, id: of }: StreamKey, text: string) => `${stream}/${of} ${text}`;
      expect(
        found
          .flatMap((each) => (each.kind === 'commit' ? [named(each.key, encodeCommit(each.commit))] : []))
          .sort(),
      ).toEqual(placed.map(({ key, commit }) => named(key, encodeCommit(commit))).sort());
      expect(
        found
          .flatMap((each) =>
            each.kind === 'entry' ? [`${each.partition} ${JSON.stringify(each.entry)}`] : [],
          )
          .sort(),
      ).toEqual(logs.flatMap((of, log) => of.map(({ entry }) => `${log} ${JSON.stringify(entry)}`)).sort());
      expect(gathered.streams.concat().filter((each) => each.found.missing !== undefined)).toEqual([]);
      expect(gathered.logs.filter((each) => each.found.missing !== undefined)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('a commit, or an entry, that lacks a line is missing by its position', async () => {
  await fc.assert(
    fc.asyncProperty(stores, fc.nat(), async ({ lines }, at) => {
      const facts = await factsOf(lines);
      const [lost] = facts.splice(at % facts.length, 1) as [Fact];
      const gathered = new GatheredFacts();
      for (const fact of facts) gathered.add(fact);
      const others = facts.filter(({ stream, id: of }) => stream === lost.stream && of === lost.id);
      const { found } =
        gathered.streams.find(({ key }) => key.stream === lost.stream && key.id === lost.id) ?? {};
      if (others.some(({ position }) => position > lost.position)) expect(found?.missing).toBe(lost.position);
      // The last ones leave no gap in their stream; the log tells of them where it goes on.
      const log = gathered.logs.find(({ partition }) => partition === logPartitionOf(lost));
      const after = facts.some(
        (each) => logPartitionOf(each) === logPartitionOf(lost) && each.at.entry > lost.at.entry,
      );
      if (after) expect(log?.found.missing).toBe(lost.at.entry);
    }),
    { numRuns: 100 },
  );
});

test('the longest data that an event has is taken by its dataset', async () => {
  const [stream] = streams;
  const commit: Commit = {
    ...{ position: 1, commandId: 'c', digest: 'd', occurredMs: nowMs, recordedMs: nowMs },
    events: [{ name: 'completed', data: { reservationId: 'r', more: 'x'.repeat(maxEventDataLength - 31) } }],
  };
  expect(JSON.stringify(commit.events[0]?.data)).toHaveLength(maxEventDataLength);
  const named = { stream: 'reservations', id: 'a', position: 1, recordedAt: '', events: ['completed'] };
  const lines = stream ? factLines(stream, named, commit, { position: 1, commits: [named] }) : [];
  expect(await factsOf(lines)).toMatchObject([{ event: commit.events[0] }]);
});

test('the datasets of the events of streams, and no others, take lines of nobody else', () => {
  const filled = datasets.filter(({ filledBy }) => filledBy === 'streams').map(({ name }) => name);
  expect(filled).toEqual([...new Set(streams.map(({ facts }) => facts.dataset))].sort());
});
