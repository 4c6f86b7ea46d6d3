import { BatchGetItemCommand, GetItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { nameOf } from '../../adapters/store-faults.ts';
import { type Check, isDenied, isUnavailable } from '../shared/checks.ts';
import type { OpenInstallation } from '../shared/open-installation.ts';

/** One call that a verb makes, made so that it changes nothing. */
interface Probe {
  readonly action: string;
  readonly resource: string;
  /** What cannot be done without it. */
  readonly verb: string;
  call(): Promise<unknown>;
}

/**
 * Makes a call of each kind that the verbs make, as the caller. Those that would change something are made so that the service
 * refuses them after it has looked at the permission: an object, message, execution or alias that is not there, a batch
 * of nothing. None may come to anything where another implementation of a service looks less closely. Only a refusal for lack of permission is a fault.
 */
export async function checkPermissions(found: OpenInstallation): Promise<Check[]> {
  const probes = probesOf(found);
  const faults = await Promise.all(probes.map((probe) => outcome(probe)));
  const failed = faults.filter((check) => check !== undefined);
  const skipped = failed.filter(({ state }) => state === 'skip').length;
  const asked = probes.length - skipped;
  const denied = failed.filter(({ state }) => state !== 'skip');
  if (denied.length > 0) return denied;
  return [{ name: 'permissions', state: 'ok', text: `${asked} kinds of calls, each made once: all allowed` }];
}

async function outcome({ action, resource, verb, call }: Probe): Promise<Check | undefined> {
  const name = 'permissions';
  try {
    await call();
    return undefined;
  } catch (fault) {
    if (isUnavailable(fault)) return { name, state: 'skip', text: `${action}: not available here` };
    if (isDenied(fault)) {
      const text = `${action} on ${resource} is denied: ${(fault as Error).message}`;
      return { name, state: 'fail', text, fix: `allow it; ${verb} needs it` };
    }
    const status = (fault as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
    if (status >= 400 && status < 500) return undefined; // refused for what it asked, not for who asked
    return {
      name,
      state: 'warn',
      text: `${action} could not be tried: ${nameOf(fault)}: ${(fault as Error).message}`,
      fix: 'try again',
    };
  }
}

const noKey = 'raw/doctor/there-is-no-such-object';
const noReceipt = 'there-is-no-such-receipt';

function probesOf({ installation: of, s3, documents, sqs, stepFunctions }: OpenInstallation): Probe[] {
  const noExecution = `${of.ingestMachine.replace(':stateMachine:', ':execution:')}:doctor-there-is-no-such-execution`;
  const streams = of.streamsTable;
  const streamProbes =
    streams === undefined
      ? []
      : [
          probe('dynamodb:Query', `${streams}/index/pending`, 'status', () =>
            documents.send(query(streams, 'pending', 'pending')),
          ),
          probe('dynamodb:GetItem', streams, 'replay --streams', () =>
            documents.send(new GetItemCommand({ TableName: streams, Key: key })),
          ),
        ];
  const key = { pk: { S: 'doctor' }, sk: { S: 'doctor' } };
  return [
    probe('s3:ListBucketVersions', of.rawBucket, 'reconcile', () =>
      s3.send(new ListObjectVersionsCommand({ Bucket: of.rawBucket, Prefix: 'raw/', MaxKeys: 1 })),
    ),
    probe('s3:GetObject', `${of.rawBucket}/raw/*`, 'reconcile', () =>
      s3.send(new GetObjectCommand({ Bucket: of.rawBucket, Key: noKey })),
    ),
    probe('s3:ListBucket', of.curatedBucket, 'status', () =>
      s3.send(new ListObjectsV2Command({ Bucket: of.curatedBucket, MaxKeys: 1 })),
    ),
    probe('s3:GetObject', `${of.curatedBucket}/*`, 'reconcile', () =>
      s3.send(new GetObjectCommand({ Bucket: of.curatedBucket, Key: noKey })),
    ),
    probe('s3:PutObject', `${of.rawBucket}/landing/*`, 'rejects --submit', async () => {
      // An upload that is begun and given up leaves nothing, and asks for the key of the encryption too.
      const upload = { Bucket: of.rawBucket, Key: 'landing/doctor/given-up' };
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand(upload));
      await s3.send(new AbortMultipartUploadCommand({ ...upload, UploadId }));
    }),
    probe('dynamodb:GetItem', of.jobsTable, 'reconcile', () =>
      documents.send(new GetItemCommand({ TableName: of.jobsTable, Key: key })),
    ),
    probe('dynamodb:Query', of.jobsTable, 'status', () =>
      documents.send(query(of.jobsTable, undefined, 'pk')),
    ),
    probe('dynamodb:BatchGetItem', of.jobsTable, 'reconcile', () =>
      documents.send(new BatchGetItemCommand({ RequestItems: { [of.jobsTable]: { Keys: [key] } } })),
    ),
    probe('dynamodb:BatchGetItem', of.statisticsTable, 'reconcile', () =>
      documents.send(new BatchGetItemCommand({ RequestItems: { [of.statisticsTable]: { Keys: [key] } } })),
    ),
    probe('dynamodb:Query', of.statisticsTable, 'reconcile', () =>
      documents.send(query(of.statisticsTable, undefined, 'pk')),
    ),
    probe('dynamodb:Scan', of.statisticsTable, 'reconcile', () =>
      documents.send(new ScanCommand({ TableName: of.statisticsTable, Limit: 1 })),
    ),
    probe('dynamodb:Query', of.alertsTable, 'reconcile', () =>
      documents.send(query(of.alertsTable, undefined, 'pk')),
    ),
    probe('dynamodb:Query', `${of.alertsTable}/index/pending`, 'status', () =>
      documents.send(query(of.alertsTable, 'pending', 'pending')),
    ),
    ...streamProbes,
    probe('states:ListExecutions', of.ingestMachine, 'status', () =>
      stepFunctions.send(new ListExecutionsCommand({ stateMachineArn: of.ingestMachine, maxResults: 1 })),
    ),
    probe('states:DescribeExecution', of.ingestMachine, 'executions', () =>
      stepFunctions.send(new DescribeExecutionCommand({ executionArn: noExecution })),
    ),
    probe('states:GetExecutionHistory', of.ingestMachine, 'executions', () =>
      stepFunctions.send(new GetExecutionHistoryCommand({ executionArn: noExecution })),
    ),
    probe('states:StartExecution', of.ingestMachine, 'replay', () =>
      // Of an alias that is not there, and with an input that is no JSON: an implementation that overlooks one refuses the other.
      stepFunctions.send(
        new StartExecutionCommand({
          stateMachineArn: `${of.ingestMachine}:doctor-there-is-no-such-alias`,
          input: 'no JSON',
        }),
      ),
    ),
    probe('states:RedriveExecution', of.ingestMachine, 'redrive', () =>
      stepFunctions.send(new RedriveExecutionCommand({ executionArn: noExecution })),
    ),
    probe('sqs:SendMessage', of.ingestQueue, 'dead-letters replay', () =>
      sqs.send(new SendMessageBatchCommand({ QueueUrl: of.ingestQueue, Entries: [] })),
    ),
    probe('sqs:DeleteMessage', of.ingestDeadLetterQueue, 'dead-letters replay', () =>
      sqs.send(new DeleteMessageCommand({ QueueUrl: of.ingestDeadLetterQueue, ReceiptHandle: noReceipt })),
    ),
    probe('sqs:ChangeMessageVisibility', of.ingestDeadLetterQueue, 'dead-letters list', () =>
      sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: of.ingestDeadLetterQueue,
          ReceiptHandle: noReceipt,
          VisibilityTimeout: 0,
        }),
      ),
    ),
  ];
}

function probe(action: string, resource: string, verb: string, call: () => Promise<unknown>): Probe {
  return { action, resource, verb, call };
}

function query(table: string, index: string | undefined, key: string): QueryCommand {
  return new QueryCommand({
    TableName: table,
    IndexName: index,
    KeyConditionExpression: '#key = :none',
    ExpressionAttributeNames: { '#key': key },
    ExpressionAttributeValues: { ':none': { S: 'doctor' } },
    Limit: 1,
  });
}
