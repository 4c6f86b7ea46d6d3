import { existsSync } from 'node:fs';
import { join } from 'node:path';
import aslValidator from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { toonTimeoutSeconds } from '../infra/constructs/jobs/job-functions.ts';
import {
  allStates,
  lambdaTasks,
  readDefinition,
  waitsOf,
  worstCaseSeconds,
} from '../test/support/infra/definition.ts';

const { text, definition } = readDefinition('job');
const states = allStates(definition);
const tasks = states.filter(([, state]) => state.Type === 'Task');
const map = definition.States.ProcessToons;
const children = map?.ItemProcessor?.States ?? {};

describe('the definition of job', () => {
  test('is valid Amazon States Language before any substitution but of the partition, and substitutes in strings only', () => {
    const { isValid, errorsText } = aslValidator(definition, { checkArn: true, checkPaths: true });
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
    expect(text.replace(/"(?:[^"\\]|\\.)*"/g, '""')).not.toContain('${');
  });

  test('every state is named once, can be reached, and its targets exist', () => {
    expect(new Set(states.map(([name]) => name)).size).toBe(states.length);
    for (const machine of [definition, map?.ItemProcessor ?? definition]) {
      const reached = new Set<string>();
      const visit = (name: string): void => {
        if (reached.has(name)) return;
        reached.add(name);
        const state = machine.States[name];
        if (state === undefined) throw new Error(`no state ${name}`);
        for (const next of [state.Next, ...(state.Catch ?? []).map(({ Next }) => Next)]) {
          if (next !== undefined) visit(next);
        }
      };
      visit(machine.StartAt);
      expect([...reached].sort()).toEqual(Object.keys(machine.States).sort());
    }
  });

  test('a state that calls a function is named as its folder', () => {
    for (const [name, functionArn] of lambdaTasks(definition)) {
      expect(functionArn).toBe(`\${${name}FunctionArn}`);
      const folder = name.replace(/(?<=.)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
      expect(existsSync(join(import.meta.dirname, '../handlers/toons', folder, 'handler.ts'))).toBe(true);
    }
  });
});

describe('failures', () => {
  test.each([...tasks, ['ProcessToons', map] as const])(
    '%s retries by name and has its bounds',
    (_, state) => {
      expect(state?.Retry?.length).toBeGreaterThan(0);
      for (const retrier of state?.Retry ?? []) {
        expect(retrier.ErrorEquals.filter((error) => /^States\.(ALL|TaskFailed)$/.test(error))).toEqual([]);
        expect(retrier.MaxDelaySeconds).toBeGreaterThan(retrier.IntervalSeconds);
        const waitsForLock = retrier.ErrorEquals.includes('IdempotencyAlreadyInProgressError');
        expect(retrier.JitterStrategy).toBe(waitsForLock ? 'NONE' : 'FULL');
      }
      if (state?.Type === 'Task') expect(state.TimeoutSeconds).toBeGreaterThan(0);
    },
  );

  test('what an input causes is never retried', () => {
    const retried = states.flatMap(([, state]) =>
      (state.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals),
    );
    for (const error of ['JobMissing', 'ToonsUnrecorded', 'StagingMissing', 'InvalidInput']) {
      expect(retried).not.toContain(error);
    }
  });

  test('every catch of the machine leads to the Fail state, which tells error and cause', () => {
    const end = (name: string): string => {
      const next = definition.States[name]?.Next;
      return next === undefined ? name : end(next);
    };
    for (const [name, state] of Object.entries(definition.States)) {
      if (state.Type !== 'Task' && state.Type !== 'Map') continue;
      expect(
        state.Catch?.map(({ ErrorEquals }) => ErrorEquals),
        name,
      ).toEqual([['States.ALL']]);
      for (const { Next } of state.Catch ?? []) expect(end(Next)).toBe('JobFailed');
    }
    expect(definition.States.JobFailed).toMatchObject({
      Type: 'Fail',
      ErrorPath: '$.Error',
      CausePath: '$.Cause',
    });
    expect(text).not.toContain('ToleratedFailure');
  });

  test('a record is written only where there is none, and an existing one is still counted', () => {
    expect(children.RecordToonFailure?.Parameters).toMatchObject({
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    expect(children.RecordToonFailure?.Catch?.[0]).toMatchObject({
      ErrorEquals: ['DynamoDB.ConditionalCheckFailedException'],
      Next: 'CountToon',
    });
  });
});

describe('the arithmetic of a child', () => {
  const worst = (name: string): number => {
    const state = children[name];
    if (state === undefined) throw new Error(`no state ${name}`);
    return worstCaseSeconds(state);
  };

  test('fits into the 300 s of an Express execution on its longest way', () => {
    const total = worst('ProcessToon') + worst('RecordToonFailure') + worst('CountToonFailure');
    expect(worst('CountToon')).toBe(worst('CountToonFailure'));
    expect(total).toBeLessThan(300);
    expect(map?.Comment).toContain(`= ${total} s, below the 300 s`);
    expect(children.ProcessToon?.Comment).toContain(`Gives up after ${worst('ProcessToon')} s`);
    expect(children.RecordToonFailure?.Comment).toContain(`${worst('RecordToonFailure')} s`);
  });

  test('the function ends before its task, and waiting for the lock outlasts the lock', () => {
    expect(children.ProcessToon?.TimeoutSeconds).toBeGreaterThan(toonTimeoutSeconds);
    const retrier = children.ProcessToon?.Retry?.find(({ ErrorEquals }) =>
      ErrorEquals.includes('IdempotencyAlreadyInProgressError'),
    );
    const waited = retrier ? waitsOf(retrier).reduce((sum, wait) => sum + wait, 0) : 0;
    expect(waited).toBeGreaterThan(toonTimeoutSeconds);
  });
});

test('the state carries pointers: items from S3, results to S3 and nowhere else', () => {
  expect(map?.ItemReader).toMatchObject({ Resource: 'arn:aws:states:::s3:getObject' });
  expect(map?.ResultWriter).toMatchObject({ Resource: 'arn:aws:states:::s3:putObject' });
  expect(map).toMatchObject({ Label: 'ProcessToons', ResultPath: null });
});
