import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';

/** Alerts that nobody was told of yet. */
export interface PendingAlerts {
  readonly count: number;
  /** ISO 8601; undefined when there is none. */
  readonly oldest: string | undefined;
}

/** Reads the sparse index of the alerts table, which holds nothing else. */
export async function pendingAlerts(
  documents: DynamoDBDocumentClient,
  table: string,
): Promise<PendingAlerts> {
  let count = 0;
  let oldest: string | undefined;
  let from: Record<string, unknown> | undefined;
  do {
    const page = await documents.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'pending',
        KeyConditionExpression: 'pending = :one',
        ExpressionAttributeValues: { ':one': '1' },
        ExclusiveStartKey: from,
      }),
    );
    for (const { createdAt } of page.Items ?? []) {
      count += 1;
      if (oldest === undefined || String(createdAt) < oldest) oldest = String(createdAt);
    }
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return { count, oldest };
}
