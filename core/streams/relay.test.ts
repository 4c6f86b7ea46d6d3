import { describe, expect, test } from 'vitest';
import { simulate } from '../../test/support/relay-simulation.ts';
import { type LogEntry, maxEntryCommits } from './notification-log.ts';
import { type RelayAnswers, type RelayedCommit, type RelayRequest, relayRound } from './relay.ts';

describe('relays that run into one another and die', () => {
  test('put each commit into the log once, in the order of its stream, without a gap, in 100,000 schedules', () => {
    let [crashes, entries, several] = [0, 0, 0];
    for (let seed = 1; seed <= 100_000; seed++) {
      const simulated = simulate(seed);
      if (simulated.faults.length > 0)
        expect({ seed, faults: simulated.faults }).toEqual({ seed, faults: [] });
      crashes += simulated.crashes;
      entries += simulated.entries.length;
      several += simulated.entries.filter(({ commits }) => commits.length > 1).length;
    }
    // They were schedules of the kind that matters.
    expect(crashes).toBeGreaterThan(100_000);
    expect(entries).toBeGreaterThan(200_000);
    expect(several).toBeGreaterThan(10_000);
  });

  test('would put commits twice, if nobody marked what the last entry names', () => {
    const seeds = Array.from({ length: 5_000 }, (_, seed) => seed + 1);
    const twice = seeds.filter((seed) =>
      simulate(seed, 'forgets-the-head').faults.some((fault) => fault.endsWith('2 times')),
    );
    expect(twice.length).toBeGreaterThan(50);
  });
});

/** Runs a round against one stream of which `marked` commits are marked already. */
function roundOf(
  { commits, marked, events = ['e'] }: { commits: number; marked: number; events?: string[] },
  options: Parameters<typeof relayRound>[0],
  candidates: readonly number[] = [],
) {
  const at = (position: number): RelayedCommit | undefined =>
    position < 1 || position > commits
      ? undefined
      : { stream: 's', id: 'a', position, recordedAt: 't', events, text: '', isPending: position > marked };
  const asked: RelayRequest[] = [];
  const answerTo = (request: RelayRequest): RelayAnswers[keyof RelayAnswers] => {
    asked.push(request);
    if (request.kind === 'commits') return request.refs.map(({ position }) => at(position));
    if (request.kind === 'candidates')
      return candidates.map((position) => ({ stream: 's', id: 'a', position }));
    return undefined;
  };
  const steps = relayRound(options);
  let next = steps.next();
  while (!next.done) next = steps.next(answerTo(next.value));
  return { round: next.value, asked };
}
const positions = ({ commits }: LogEntry): number[] => commits.map(({ position }) => position);
const known = (position: number) => [{ stream: 's', id: 'a', position }];

describe('a round', () => {
  test('takes what is pending before the known commit along, which its own relay died over', () => {
    const { round } = roundOf({ commits: 7, marked: 3 }, { known: known(7) });
    expect(round).toMatchObject({ kind: 'appended', entry: { position: 1 } });
    expect(round.kind === 'appended' && positions(round.entry)).toEqual([4, 5, 6, 7]);
  });

  test('leaves a stream that is further behind to the index', () => {
    expect(roundOf({ commits: 200, marked: 3 }, { known: known(200) }).round).toEqual({ kind: 'behind' });
    const { round } = roundOf({ commits: 200, marked: 3 }, {}, [60, 4, 9, 90]);
    expect(round.kind === 'appended' && positions(round.entry)).toEqual(
      Array.from({ length: 87 }, (_, index) => index + 4),
    );
  });

  test('takes no more than an entry holds: the first ones', () => {
    const all = Array.from({ length: 150 }, (_, index) => index + 1);
    const { round } = roundOf({ commits: 150, marked: 0 }, {}, all);
    expect(round.kind === 'appended' && positions(round.entry)).toEqual(all.slice(0, maxEntryCommits));
    const events = Array.from({ length: 5_000 }, () => 'happened');
    const long = roundOf({ commits: 20, marked: 0, events }, {}, all.slice(0, 20)).round;
    const taken = long.kind === 'appended' ? long.entry : undefined;
    expect(JSON.stringify(taken).length).toBeLessThan(400_000);
    expect(taken && positions(taken).length).toBe(5);
  });

  test('hands commits on before it marks them', () => {
    const { asked } = roundOf({ commits: 1, marked: 0 }, { settled: 4, known: known(1) });
    expect(asked.map(({ kind }) => kind)).toEqual(['commits', 'append', 'deliver', 'mark']);
  });

  test('does nothing where all is marked', () => {
    expect(roundOf({ commits: 3, marked: 3 }, { known: known(3) }).round).toEqual({
      kind: 'nothing',
      head: 0,
    });
    expect(roundOf({ commits: 3, marked: 3 }, { settled: 9 }, [2, 3]).round).toEqual({
      kind: 'nothing',
      head: 9,
    });
  });
});
