import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import aslValidator from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { mergeRoundSeconds } from '../handlers/ingest/finish-ingest/await-merges.ts';
import { leaseMs } from '../handlers/ingest/notify-alerts.ts';
import { validationRoundSeconds } from '../handlers/ingest/plan-merge/plan-merge.ts';
import { roundWaitSeconds } from '../handlers/ingest/round-wait.ts';
import { childTimeoutSeconds } from '../infra/constructs/ingest/ingest-functions.ts';
import {
  allStates,
  readDefinition,
  type State,
  waitsOf,
  worstCaseSeconds,
} from '../test/support/infra/definition.ts';

const { text, definition } = readDefinition('ingest');
const states = allStates(definition);
const tasks = states.filter(([, state]) => state.Type === 'Task');
const maps = states.filter(([, state]) => state.Type === 'Map');
const expressSeconds = 300;
/** Errors that tell of a lock, waited for without jitter: one who comes late draws no herd, one who comes early gains nothing. */
const locks = ['IdempotencyAlreadyInProgressError', 'AlertsPending'];

const stateNamed = (name: string) => {
  const found = states.find(([candidate]) => candidate === name);
  if (!found) throw new Error(`the definition has no state ${name}`);
  return found[1];
};

describe('the definition of ingest', () => {
  test('is valid Amazon States Language before any substitution but of the partition', () => {
    const { isValid, errorsText } = aslValidator(definition, { checkArn: true, checkPaths: true });
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
  });

  test('substitutes inside strings only', () => {
    const outside = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
    expect(outside).not.toContain('${');
    expect(text).toMatch(/"[^"]*\$\{MaxConcurrency\}[^"]*"/);
  });

  test('names every state once, so that a name in a log is one place', () => {
    const names = states.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('every state can be reached and every target exists', () => {
    const machines = [definition, ...maps.map(([, map]) => map.ItemProcessor ?? definition)];
    for (const machine of machines) {
      const reached = new Set<string>();
      const queue = [machine.StartAt];
      for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
        if (reached.has(name)) continue;
        reached.add(name);
        const state = machine.States[name];
        expect(state, name).toBeDefined();
        const targets = [state?.Next, state?.Default, ...(state?.Choices ?? []).map((choice) => choice.Next)];
        queue.push(
          ...targets.filter((next) => next !== undefined),
          ...(state?.Catch ?? []).map(({ Next }) => Next),
        );
      }
      expect([...reached].sort()).toEqual(Object.keys(machine.States).sort());
    }
  });
});

describe('failures', () => {
  test.each(tasks)('%s has a timeout', (_, state) => {
    expect(state.TimeoutSeconds).toBeGreaterThan(0);
  });

  test.each([...tasks, ...maps])(
    '%s retries errors by name, with backoff bounds and a jitter strategy',
    (_, state) => {
      expect(state.Retry?.length).toBeGreaterThan(0);
      for (const retrier of state.Retry ?? []) {
        expect(retrier.ErrorEquals).not.toContain('States.ALL');
        expect(retrier.ErrorEquals).not.toContain('States.TaskFailed');
        expect(retrier.MaxAttempts).toBeGreaterThan(0);
        expect(retrier.MaxDelaySeconds).toBeGreaterThan(retrier.IntervalSeconds);
        const waitsForLock = retrier.ErrorEquals.some((error) => locks.includes(error));
        expect(retrier.JitterStrategy).toBe(waitsForLock ? 'NONE' : 'FULL');
      }
    },
  );

  test('errors that an input causes are never retried', () => {
    const retried = states.flatMap(([, state]) =>
      (state.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals),
    );
    const byInput = [
      'SegmentMissing',
      'SegmentForbidden',
      'SegmentTooLarge',
      'StagingMissing',
      'DatasetLayoutChanged',
      'DatasetUnknown',
      'InvalidInput',
      'EnvironmentIncomplete',
    ];
    expect(retried.filter((error) => byInput.includes(error))).toEqual([]);
  });

  test('every task and map of the machine itself catches all, and every catch leads to a Fail state', () => {
    const leadsToFail = (name: string): boolean => {
      const state = definition.States[name];
      if (!state) return false;
      if (state.Type === 'Fail') return state.ErrorPath !== undefined && state.CausePath !== undefined;
      const next = [state.Next, ...(state.Catch ?? []).map((catcher) => catcher.Next)];
      return next.length > 0 && next.every((target) => target !== undefined && leadsToFail(target));
    };
    for (const [name, state] of Object.entries(definition.States)) {
      if (state.Type !== 'Task' && state.Type !== 'Map') continue;
      expect(
        state.Catch?.map(({ ErrorEquals }) => ErrorEquals),
        name,
      ).toEqual([['States.ALL']]);
      for (const { Next } of state.Catch ?? []) expect(leadsToFail(Next), `${name} → ${Next}`).toBe(true);
    }
  });

  test('the machine ends in Succeed or Fail only, never with End', () => {
    for (const [name, state] of Object.entries(definition.States)) expect(state.End, name).toBeUndefined();
    const terminal = Object.values(definition.States).filter(
      ({ Type }) => Type === 'Succeed' || Type === 'Fail',
    );
    expect(terminal.map(({ Type }) => Type).sort()).toEqual(['Fail', 'Succeed']);
  });

  test.each(maps)(
    '%s tolerates children that fail, and gives its results to a function that fails the job for them',
    (_, map) => {
      expect(map.ToleratedFailurePercentage).toBe(100);
      const reader = definition.States[String(map.Next)];
      expect(reader?.Resource).toBe('arn:aws:states:::lambda:invoke');
      const handed = Object.values(reader?.Parameters?.Payload ?? {}).map(String);
      expect(handed.some((path) => map.ResultPath?.startsWith(path))).toBe(true);
    },
  );

  test('the machine succeeds only where FinishIngest says that the job is completed', () => {
    const before = Object.entries(definition.States).flatMap(([name, state]) => {
      const choices = (state.Choices ?? []).filter(({ Next }) => Next === 'IngestCompleted');
      const ways = [state.Next, state.Default, ...(state.Catch ?? []).map(({ Next }) => Next)];
      expect(ways, name).not.toContain('IngestCompleted');
      return choices;
    });
    expect(before).toEqual([
      { Variable: '$.merge.state', StringEquals: 'Completed', Next: 'IngestCompleted' },
    ]);
  });
});

describe('the arithmetic of the children', () => {
  test.each(maps)('the children of %s are Express and fit into 300 s, retries included', (_, map) => {
    expect(map.ItemProcessor?.ProcessorConfig).toEqual({ Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' });
    const total = Object.values(map.ItemProcessor?.States ?? {})
      .filter(({ Type }) => Type === 'Task')
      .reduce((sum, state) => sum + worstCaseSeconds(state), 0);
    expect(total).toBeLessThan(expressSeconds);
    expect(map.Comment).toContain(`${total} s, below the ${expressSeconds} s`);
  });

  test.each(['ValidateSegment', 'RecordSegmentFailure', 'RecordLedgerFailure', 'MergePartition'])(
    'the comment of %s tells its worst case',
    (name) => {
      const state = stateNamed(name);
      expect(state.Comment).toContain(`${worstCaseSeconds(state)} s`);
    },
  );

  test.each(['ValidateSegment', 'MergePartition'])(
    '%s outlives its function, so the function ends first',
    (name) => {
      expect(stateNamed(name).TimeoutSeconds).toBeGreaterThan(childTimeoutSeconds);
    },
  );

  test('waiting for the idempotency lock outlasts the lock of a run that died', () => {
    const retrier = stateNamed('ValidateSegment').Retry?.find(({ ErrorEquals }) =>
      ErrorEquals.includes('IdempotencyAlreadyInProgressError'),
    );
    const waited = retrier ? waitsOf(retrier).reduce((sum, wait) => sum + wait, 0) : 0;
    expect(waited).toBeGreaterThan(childTimeoutSeconds);
  });
});

describe('pending alerts', () => {
  test('the waits for what another notifier holds outlast its lease', () => {
    const retrier = stateNamed('FinishIngest').Retry?.find(({ ErrorEquals }) =>
      ErrorEquals.includes('AlertsPending'),
    );
    const waited = retrier ? waitsOf(retrier).reduce((sum, wait) => sum + wait, 0) : 0;
    expect(waited * 1000).toBeGreaterThan(leaseMs);
    expect(stateNamed('FinishIngest').Comment).toContain(
      `${leaseMs / 1000} s, and the waits for it last ${waited} s`,
    );
  });
});

describe('throttling is waited for, for as long as an execution may take', () => {
  const daySeconds = definition.TimeoutSeconds ?? 0;
  const maxHistoryEvents = 25_000;
  const throttled = 'Lambda.TooManyRequestsException';
  const retrierOf = (state: State) => state.Retry?.find(({ ErrorEquals }) => ErrorEquals.includes(throttled));
  const ownLambdaTasks = Object.entries(definition.States).filter(
    ([, { Resource }]) => Resource === 'arn:aws:states:::lambda:invoke',
  );
  /** TaskScheduled, TaskStarted, TaskFailed; with full jitter a wait is half as long on average. */
  const eventsOfRetry = 3;
  const meanSeconds = (longest: number) => longest / 2;

  test.each(ownLambdaTasks)('%s is repeated for longer than the machine may run', (_, state) => {
    const retrier = retrierOf(state);
    if (retrier === undefined) throw new Error('it gives up at once');
    expect(retrier.ErrorEquals).toEqual([throttled]);
    const waits = waitsOf(retrier).map(meanSeconds);
    const sum = waits.reduce((total, wait) => total + wait, 0);
    expect(sum).toBeGreaterThan(daySeconds);
    expect(definition.Comment).toContain(`repeat it ${retrier.MaxAttempts} times`);
    expect((daySeconds / meanSeconds(retrier.MaxDelaySeconds)) * eventsOfRetry).toBeLessThan(
      maxHistoryEvents / 2,
    );
  });

  test.each(['ValidateSegment', 'MergePartition'])(
    '%s, which has five minutes, ends as Throttled and fails nothing',
    (name) => {
      const state = stateNamed(name);
      expect(retrierOf(state)?.ErrorEquals).toEqual([throttled]);
      expect(state.Catch?.[0]?.ErrorEquals).toEqual([throttled]);
      const end = stateNamed(String(state.Catch?.[0]?.Next));
      expect(end).toMatchObject({ Type: 'Pass', End: true, Parameters: { state: 'Throttled' } });
    },
  );

  // A task 5 (entered, scheduled, started, succeeded, exited), a map 5 (entered, started, run started, run succeeded, exited),
  // a Choice, a Wait and a Pass 2 each (entered, exited).
  const loops = {
    ValidateSegments: { bounds: validationRoundSeconds, events: 5 + 5 + 2 + 2 + 2 },
    MergePartitions: { bounds: mergeRoundSeconds, events: 5 + 5 + 2 + 2 },
  };

  test.each(Object.entries(loops))('the events of a day of rounds of %s fit into a history', (_, loop) => {
    expect(roundsOfADay(loop.bounds) * loop.events).toBeLessThan(maxHistoryEvents);
  });

  test('the results of a day of rounds fit into the state, twice', () => {
    const key = `staging/${'j'.repeat(80)}/validated/${'u'.repeat(36)}/manifest.json`;
    const bytes = roundsOfADay(validationRoundSeconds) * JSON.stringify([key]).length;
    expect(2 * bytes).toBeLessThan(262_144 / 2);
  });

  /** With rounds that take no time beside their waits. */
  function roundsOfADay(bounds: { atLeast: number; atMost: number }): number {
    let rounds = 0;
    for (let age = 0; age < daySeconds; rounds++) {
      age += roundWaitSeconds({ startedAt: new Date(0).toISOString(), nowMs: age * 1000 }, bounds);
    }
    return rounds;
  }

  test('the shipped concurrency leaves two of the ten functions of a new account to the API and to what is planned', () => {
    const shipped = JSON.parse(readFileSync(join(import.meta.dirname, '../cdk.json'), 'utf8'));
    expect(shipped.context['caudal:maxConcurrency']).toBe(8);
  });
});

describe('the state carries pointers', () => {
  test('the batch leaves the state with the first task', () => {
    const { PlanIngest } = definition.States;
    expect(PlanIngest).not.toHaveProperty('ResultPath');
    expect(PlanIngest).toHaveProperty('ResultSelector');
  });

  test.each(maps)('%s reads its items from S3 and writes its results there', (name, map) => {
    expect(map.ItemReader).toMatchObject({ Resource: 'arn:aws:states:::s3:getObject' });
    expect(map.ResultWriter).toMatchObject({ Resource: 'arn:aws:states:::s3:putObject' });
    expect(map.Label).toBe(name);
  });
});
