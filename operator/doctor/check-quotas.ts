import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createVersionLister } from '../../adapters/s3/segments.ts';
import { formatCount } from '../../cli/format.ts';
import { recentObjects } from '../../handlers/operations/recent-objects.ts';
import { attempt, type Check } from '../shared/checks.ts';
import { listExecutions } from '../shared/execution-queries.ts';
import type { OpenInstallation } from '../shared/open-installation.ts';

/** Of Firehose's direct puts, by default and where it is lowest; no API tells what an account has. */
const firehoseRecordsPerSecond = 5_000;
/** Open at a time in an account; an execution of the ingest machine has one at a time. */
const openMapRuns = 1_000;
/** What is left of a quota for bursts: a mean over an hour hides them. */
const burstFactor = 2;

/** The quotas that ingestion runs into first, against what is being ingested. */
export function checkQuotas(found: OpenInstallation, nowMs: number): Promise<Check[]> {
  const { installation, s3, documents, stepFunctions, settings } = found;
  return Promise.all([
    attempt('Firehose quota', async () => {
      const ledgers = createLedgers(documents, installation.jobsTable);
      const ports = { lister: createVersionLister(s3), ledgers, rawBucket: installation.rawBucket };
      const { lastHour } = await recentObjects(ports, nowMs, { wholeDay: false });
      return againstFirehose(lastHour.lines / 3_600);
    }),
    attempt('Lambda quota', async () => {
      const { AccountLimit: limit } = await new LambdaClient(settings).send(
        new GetAccountSettingsCommand({}),
      );
      const { definition } = await stepFunctions.send(
        new DescribeStateMachineCommand({ stateMachineArn: installation.ingestMachine }),
      );
      const wanted = Number(/StringToJson\('(\d+)'\)/.exec(definition ?? '')?.[1] ?? Number.NaN);
      return againstLambda(wanted, limit?.UnreservedConcurrentExecutions ?? limit?.ConcurrentExecutions);
    }),
    attempt('Step Functions quota', async () => {
      const running = await listExecutions(stepFunctions, { status: 'RUNNING', limit: 1_000 });
      return againstStepFunctions(running.length);
    }),
  ]);
}

/** @param linesPerSecond the mean of the last hour */
export function againstFirehose(linesPerSecond: number): Omit<Check, 'name'> {
  const text = `${linesPerSecond.toFixed(1)} lines/s in the last hour; direct puts take ${formatCount(firehoseRecordsPerSecond)} records/s and more, by region`;
  if (linesPerSecond * burstFactor < firehoseRecordsPerSecond) return { state: 'ok', text };
  return {
    state: 'warn',
    text,
    fix: 'pack many readings into a record, as the producer does; or ask for a higher quota of the stream',
  };
}

/** @param wanted invocations that one map makes at a time @param available the account's */
export function againstLambda(wanted: number, available: number | undefined): Omit<Check, 'name'> {
  if (available === undefined)
    return { state: 'skip', text: 'Lambda does not say how many invocations may run at a time' };
  const text = `${formatCount(available)} invocations may run at a time; an execution makes up to ${Number.isNaN(wanted) ? '?' : formatCount(wanted)}`;
  if (Number.isNaN(wanted) || wanted < available) return { state: 'ok', text };
  return {
    state: 'warn',
    text: `${text}: it is throttled, and so is the API beside it`,
    fix: 'lower caudal:maxConcurrency (docs/configuration.md), or ask for a higher quota of concurrent executions',
  };
}

/** @param running executions */
export function againstStepFunctions(running: number): Omit<Check, 'name'> {
  const text = `${formatCount(running)} executions running; ${formatCount(openMapRuns)} map runs may be open at a time`;
  if (running * burstFactor < openMapRuns) return { state: 'ok', text };
  return {
    state: 'warn',
    text,
    fix: 'gather longer before an execution: caudal:batchWindowSeconds (docs/configuration.md)',
  };
}
