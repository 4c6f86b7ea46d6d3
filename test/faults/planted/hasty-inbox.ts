import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createMergeInbox as rightInbox } from '../../../adapters/dynamodb/jobs-table/inbox.ts';
import type { MergeInbox } from '../../../ports/inbox.ts';

/** Takes parts out of the inbox when their merge begins: after a crash in it nobody merges them, and their job ends well. */
export function createMergeInbox(documents: DynamoDBDocumentClient, table: string): MergeInbox {
  const inbox = rightInbox(documents, table);
  return {
    ...inbox,
    async look(unit) {
      const state = await inbox.look(unit);
      if (state.lease !== undefined) for (const parts of state.waiting) await inbox.remove(unit, parts);
      return state;
    },
  };
}
