import type { Aim } from '../../local/testing/injector.ts';
import type { FaultWorld } from './fault-world.ts';

interface Input {
  TableName?: string;
  Item?: { pk?: { S?: string }; sk?: { S?: string } };
}

/**
 * The writes that have to be done one after the other, by what they write, so that faults fall between each two of them. Of a merge: `file`, `alert`,
 * `day-page`, `month-page`, `projections-day-page`, `projections-month-page`, `contested` (the job's count) and `inbox`; the `notice` of an alert; of a command: `commit`,
 * `entry` of the log, `facts` and `mark`. Few calls make them, beside hundreds of others of the same names. From the last
 * delivery on those of a merge are others, `last-file` and so on, with faults of their own: what is left behind then no later delivery mends.
 */
export function aimedWrites(names: FaultWorld['names'], isLast: () => boolean): Aim {
  return (...call) => {
    if (isOfStreams(call[0])) return ofCommand(names, ...call);
    const written = ofMerge(names, ...call);
    return written !== undefined && isLast() ? `last-${written}` : written;
  };
}

/** Whether the caller, as an injector names it, is a function that writes streams. */
export const isOfStreams = (caller: string): boolean => /CommandStreams|RelayCommits/.test(caller);

function ofMerge(
  { statisticsTable, alertsTable, jobsTable }: FaultWorld['names'],
  ...[caller, service, { action, input }]: Parameters<Aim>
): string | undefined {
  if (caller === 'FunctionsFinishIngestFunction' && service === 'sns') return 'notice';
  if (caller !== 'FunctionsMergePartitionFunction') return undefined;
  if (service === 's3') return action === 'PutObject' ? 'file' : undefined;
  const { TableName, Item } = input as Input;
  if (action === 'BatchExecuteStatement') return 'alert'; // a merge writes nothing else so
  if (!['PutItem', 'UpdateItem', 'DeleteItem'].includes(action)) return undefined;
  if (TableName === alertsTable) return 'alert';
  if (TableName === jobsTable) return action === 'PutItem' ? 'contested' : 'inbox';
  if (TableName !== statisticsTable) return undefined;
  const kind = Item?.sk?.S?.split('#')[0];
  return Item?.pk?.S?.includes('+projections#') ? `projections-${kind}` : kind;
}

function ofCommand(
  { streamsTable }: FaultWorld['names'],
  ...[, service, { action, input }]: Parameters<Aim>
): string | undefined {
  if (service === 'firehose') return 'facts';
  if (action === 'BatchWriteItem') return 'mark';
  if (action === 'BatchExecuteStatement') return 'commit'; // those of a batch
  const { TableName, Item } = input as Input;
  return action === 'PutItem' && TableName === streamsTable ? Item?.sk?.S?.split('#')[0] : undefined;
}
