import type { Aim } from '../../local/testing/injector.ts';
import type { FaultWorld } from './fault-world.ts';

/**
 * The writes of a merge, by what they write, so that faults fall between each two of them: `file`, `alert`, `day-page`, `month-page`,
 * `contested` (the job's count) and `inbox`; and the `notice` of an alert. Few merges make them, beside hundreds of other calls of the same names. From the last
 * delivery on they are others, `last-file` and so on, with faults of their own: what is left behind then no later delivery mends.
 */
export function mergeWrites(names: FaultWorld['names'], isLast: () => boolean): Aim {
  return (...call) => {
    const written = writtenBy(names, ...call);
    return written !== undefined && isLast() ? `last-${written}` : written;
  };
}

function writtenBy(
  { statisticsTable, alertsTable, jobsTable }: FaultWorld['names'],
  ...[caller, service, { action, input }]: Parameters<Aim>
): string | undefined {
  if (caller === 'FunctionsFinishIngestFunction' && service === 'sns') return 'notice';
  if (caller !== 'FunctionsMergePartitionFunction') return undefined;
  if (service === 's3') return action === 'PutObject' ? 'file' : undefined;
  const { TableName, Item } = input as { TableName?: string; Item?: { sk?: { S?: string } } };
  if (!['PutItem', 'UpdateItem', 'DeleteItem'].includes(action)) return undefined;
  if (TableName === alertsTable) return 'alert';
  if (TableName === jobsTable) return action === 'PutItem' ? 'contested' : 'inbox';
  return TableName === statisticsTable ? Item?.sk?.S?.split('#')[0] : undefined;
}
