import type { ItemKey } from '../../adapters/dynamodb/items.ts';

/** What a person types to have the objects of these UTC days ingested again. */
export const replayCommand = (from: string, to: string): string =>
  `npm run caudal -- replay --from ${from} --to ${to}`;

/** What a person types to remove one item. */
export const deleteItemCommand = (table: string, { pk, sk }: ItemKey): string =>
  `aws dynamodb delete-item --table-name ${table} --key '${JSON.stringify({ pk: { S: pk }, sk: { S: sk } })}'`;

/** What a person types to remove one object. */
export const deleteObjectCommand = (bucket: string, key: string): string => `aws s3 rm s3://${bucket}/${key}`;
