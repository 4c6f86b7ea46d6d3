import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export type TablesAnswer =
  | { readonly kind: 'up'; readonly endpoint: string; readonly table: string; readonly stream: string }
  | ({ readonly kind: 'used' } & Used);

/** What was used of the process until now. */
export interface Used {
  /** Of CPU. */
  readonly seconds: number;
  /** By name, `dynamodb:PutItem`. */
  readonly calls: Readonly<Record<string, number>>;
}

/** The local cloud's DynamoDB with the table of streams, and its Firehose with a delivery stream, alone in a process of their own. */
export async function startTablesProcess(directory: string) {
  const child = fork(join(import.meta.dirname, 'tables-process.ts'), [directory]);
  const next = async (): Promise<TablesAnswer> => {
    const [answer] = (await once(child, 'message')) as [TablesAnswer];
    return answer;
  };
  const up = await next();
  if (up.kind !== 'up') throw new Error(`the tables began with ${up.kind}`);
  return {
    endpoint: up.endpoint,
    table: up.table,
    stream: up.stream,
    async used(): Promise<Used> {
      child.send('used');
      const answer = await next();
      if (answer.kind !== 'used') throw new Error(`asked what it used it answered ${answer.kind}`);
      return answer;
    },
    async close(): Promise<void> {
      child.kill();
      await once(child, 'exit');
    },
  };
}
