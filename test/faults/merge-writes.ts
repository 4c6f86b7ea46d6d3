import type { Aim } from '../../local/testing/injector.ts';
import type { FaultWorld } from './fault-world.ts';

/**
 * The writes of a merge, by what they write, so that faults fall between each two of them: `file`, `alert`, `day-page`, `month-page` and
 * `inbox`. Few merges make them, beside hundreds of other calls of the same names.
 */
export function mergeWrites({ statisticsTable, alertsTable, jobsTable }: FaultWorld['names']): Aim {
  return (caller, service, { action, input }) => {
    if (caller !== 'FunctionsMergePartitionFunction') return undefined;
    if (service === 's3') return action === 'PutObject' ? 'file' : undefined;
    const { TableName, Item } = input as { TableName?: string; Item?: { sk?: { S?: string } } };
    if (!['PutItem', 'UpdateItem', 'DeleteItem'].includes(action)) return undefined;
    if (TableName === alertsTable) return 'alert';
    if (TableName === jobsTable) return 'inbox';
    return TableName === statisticsTable ? Item?.sk?.S?.split('#')[0] : undefined;
  };
}
