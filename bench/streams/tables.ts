import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export type TablesAnswer =
  | { readonly kind: 'up'; readonly endpoint: string; readonly table: string }
  | { readonly kind: 'cpu'; readonly seconds: number };

/** The local cloud's DynamoDB alone with the table of streams, in a process of its own. */
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
    async cpuSeconds(): Promise<number> {
      child.send('cpu');
      const answer = await next();
      return answer.kind === 'cpu' ? answer.seconds : Number.NaN;
    },
    async close(): Promise<void> {
      child.kill();
      await once(child, 'exit');
    },
  };
}
