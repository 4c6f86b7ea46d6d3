import { expect, test } from 'vitest';
import { functionOf, logLines, logText } from './log-lines.ts';

const group = 'CaudalIngest-FunctionsValidateSegmentLogs4F2A6B-x9y8';
const line = (timestamp: number, written: object) => ({
  group,
  event: { timestamp, message: JSON.stringify({ level: 'INFO', ...written }) },
});

test('lines of one execution are shown in the order of time, without what is the same in each', () => {
  const lines = logLines(
    [
      line(2_000, { message: 'merged', correlation_id: 'one', added: 3, function_memory_size: 1769 }),
      line(1_000, { message: 'planned', correlation_id: 'one' }),
      line(1_500, { message: 'planned', correlation_id: 'two', after: 'one' }),
      { group, event: { timestamp: 1_600, message: 'REPORT RequestId: one' } },
      { group, event: { timestamp: 1_700, message: JSON.stringify({ Lines: 3, jobId: 'one' }) } },
    ],
    'one',
  );
  expect(lines.map(({ message }) => message)).toEqual(['planned', 'merged']);
  expect(lines[1]?.fields).toEqual({ added: 3 });
  expect(logText(lines)).toBe(
    '1970-01-01T00:00:01.000Z  INFO  ValidateSegment planned\n1970-01-01T00:00:02.000Z  INFO  ValidateSegment merged  added=3',
  );
});

test('a function is known by its log group, with and without a stage', () => {
  expect(functionOf(group)).toBe('ValidateSegment');
  expect(functionOf('CaudalApi-pre-production-JobFunctionsSubmitJobLogs12-ab')).toBe('SubmitJob');
  expect(functionOf('CaudalApi-OperationFunctionsQueryOperationsLogs12-ab')).toBe('QueryOperations');
  expect(functionOf('of another kind')).toBe('of another kind');
});
