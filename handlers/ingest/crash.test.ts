import { expect, test } from 'vitest';
import { IngestWorld } from '../../test/support/ingest-world.ts';
import { Crash, crashing } from '../../test/support/intercepted.ts';
import { lines, probes } from '../../test/support/probe-dataset.ts';

/**
 * A death at every single call that the functions make, before the call or right after it, and the execution run again:
 * what is there at the end is what an execution without a death leaves, down to ETags and versions.
 */

const day = '2026-03-02T';
const earlier = lines(
  { sensorId: 'a', at: `${day}10:00:00Z`, temperature: 10 },
  { sensorId: 'a', at: `${day}11:00:00Z`, temperature: 40 },
  { sensorId: 'b', at: `${day}11:00:00Z`, temperature: 31 },
);
/** A correction that takes an alert away, one that changes an alert, a new alert, a repeat, a new day, a reject. */
const later = lines(
  { sensorId: 'a', at: `${day}11:00:00Z`, temperature: 20, revision: 1 },
  { sensorId: 'b', at: `${day}12:00:00Z`, temperature: 32 },
  { sensorId: 'c', at: `${day}12:00:00Z`, temperature: -5 },
  { sensorId: 'b', at: `${day}11:00:00Z`, temperature: 31 },
  { sensorId: 'c', at: '2026-03-03T12:00:00Z', temperature: 5 },
);

/** A world in which the earlier readings are in, up to the merge: their alerts wait to be told. */
async function prepared() {
  const world = new IngestWorld([probes]);
  await world.run('job-1', [world.deliver('raw/2026/03/02/13/x', earlier)]);
  const input = [
    world.deliver('raw/2026/03/02/14/y', `${later}nonsense\n`),
    world.deliver('raw/2026/03/02/14/z', later),
  ];
  return { world, input };
}

async function undisturbed() {
  const { world, input } = await prepared();
  const { around, calls } = crashing(-1, 'before');
  await world.run('job-2', input, around);
  return { state: world.state(), notices: world.topic.byKey(), calls };
}

test.each(['before', 'after'] as const)('a death %s any call is mended by running again', async (when) => {
  const { state, notices, calls } = await undisturbed();
  expect(calls.length).toBeGreaterThan(50);
  expect(Object.values(notices)).toEqual([1, 1, 1]);
  for (let index = 0; index < calls.length; index++) {
    const { world, input } = await prepared();
    await expect(world.run('job-2', input, crashing(index, when).around)).rejects.toThrow(Crash);
    await world.run('job-2', input);
    expect(world.state(), `a death ${when} call ${index}, ${calls[index]}`).toEqual(state);
    // At least once each, and twice only when the death came between publishing and marking.
    const told = world.topic.byKey();
    expect(Object.keys(told).sort()).toEqual(Object.keys(notices).sort());
    expect(Object.values(told).reduce((sum, times) => sum + times)).toBeLessThanOrEqual(3 + 3);
  }
});

test('two deaths in a row are mended too', async () => {
  const { state, calls } = await undisturbed();
  for (let first = 0; first < calls.length; first += 3) {
    const { world, input } = await prepared();
    await expect(world.run('job-2', input, crashing(first, 'after').around)).rejects.toThrow(Crash);
    await world.run('job-2', input, crashing(calls.length - first, 'before').around).catch((fault) => {
      expect(fault).toBeInstanceOf(Crash);
    });
    await world.run('job-2', input);
    expect(world.state(), `deaths at ${first} and ${calls.length - first}`).toEqual(state);
  }
});

test('what a dead execution left is mended by the next delivery of the same readings, without a redrive', async () => {
  const { state, calls } = await undisturbed();
  for (let index = 0; index < calls.length; index++) {
    const { world, input } = await prepared();
    await expect(world.run('job-2', input, crashing(index, 'after').around)).rejects.toThrow(Crash);
    world.nowMs += 600_000; // past the lease of a dead notifier
    await world.run('job-3', input);
    const { statistics, alerts, partitions } = world.state();
    expect({ statistics, alerts, partitions }, `a death at call ${index}, ${calls[index]}`).toEqual({
      statistics: state.statistics,
      alerts: state.alerts,
      partitions: state.partitions,
    });
  }
});
