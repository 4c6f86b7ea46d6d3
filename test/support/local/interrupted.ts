import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { machineCloud } from './machine-cloud.ts';

/**
 * Started as a process of its own, to be killed: a machine that calls `before`, maps `child` over 40 items and calls
 * `after`. Each function writes a line to a file when it is called.
 */
export async function interruptedCloud(directory: string) {
  const cloud = await machineCloud({ directory, timeScale: 1 });
  cloud.s3.createBucket({ name: 'work' });
  await cloud.s3.putObject({
    bucket: 'work',
    key: 'items.json',
    body: JSON.stringify(Array.from({ length: 40 }, (_, n) => n)),
  });
  const source = (name: string, delayMs: number) => `
    import { appendFileSync } from 'node:fs';
    export const handler = async (event) => {
      await new Promise((resolve) => setTimeout(resolve, ${delayMs}));
      appendFileSync(${JSON.stringify(`${directory}/calls.log`)}, '${name} ' + JSON.stringify(event) + '\\n');
      return event; };`;
  for (const [name, delayMs] of [
    ['before', 0],
    ['child', 25],
    ['after', 0],
  ] as const) {
    cloud.createFunction(name, source(name, delayMs));
  }
  const task = (name: string, more: object) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: name, 'Payload.$': '$' },
    OutputPath: '$.Payload',
    ...more,
  });
  const arn = cloud.createMachine('interrupted', {
    StartAt: 'Before',
    States: {
      Before: task('before', { Next: 'Each' }),
      Each: {
        Type: 'Map',
        MaxConcurrency: 2,
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'JSON' },
          Parameters: { Bucket: 'work', Key: 'items.json' },
        },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'One',
          States: { One: task('child', { End: true }) },
        },
        ResultPath: '$.results',
        Next: 'After',
      },
      After: task('after', { End: true }),
    },
  });
  return { cloud, arn };
}

if (process.argv[1] === import.meta.filename) {
  const { cloud, arn } = await interruptedCloud(String(process.argv[2]));
  await cloud.sfn.send(
    new StartExecutionCommand({ stateMachineArn: arn, name: 'killed', input: '{"seed":7}' }),
  );
}
