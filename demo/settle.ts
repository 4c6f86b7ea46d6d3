import { setTimeout as sleep } from 'node:timers/promises';
import { ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { ReconcilePorts } from '../operator/reconcile/reconcile-ports.ts';

/** Time without any progress after which waiting makes no sense: far above the buffer and the batch window as `npm start` scales them. */
const defaultPatienceMs = 120_000;
const pollMs = 250;

/** What is on its way, counted in the stores. */
interface Progress {
  readonly objects: number;
  readonly validated: number;
  readonly lines: number;
  readonly running: number;
}

/**
 * Waits until at least `lines` lines are in ledgers, every raw object has one, and no execution runs.
 * @param options.patienceMs time without any progress after which it gives up; two minutes by default
 * @throws when nothing has moved for that long, naming how far it came
 */
export async function settle(options: {
  stepFunctions: SFNClient;
  machineArn: string;
  ports: Pick<ReconcilePorts, 'objects' | 'ledgers'>;
  lines: number;
  patienceMs?: number;
}): Promise<void> {
  const { patienceMs = defaultPatienceMs } = options;
  let last = '';
  let movedAt = Date.now();
  for (;;) {
    const progress = await look(options);
    const { objects, validated, lines, running } = progress;
    if (running === 0 && validated === objects && lines >= options.lines) return;
    const now = JSON.stringify(progress);
    if (now !== last) movedAt = Date.now();
    if (Date.now() - movedAt > patienceMs) {
      throw new Error(
        `Ingestion stands still: ${validated} of ${objects} objects validated, ${lines} of ${options.lines} lines, ` +
          `${running} executions running. What they wrote is in logs/ of the cloud's directory.`,
      );
    }
    last = now;
    await sleep(pollMs);
  }
}

async function look(options: Parameters<typeof settle>[0]): Promise<Progress> {
  const { executions = [] } = await options.stepFunctions.send(
    new ListExecutionsCommand({ stateMachineArn: options.machineArn, statusFilter: 'RUNNING' }),
  );
  let [objects, validated, lines] = [0, 0, 0];
  for await (const segment of options.ports.objects()) {
    objects += 1;
    const ledger = await options.ports.ledgers.ledger(segment);
    if (ledger !== undefined) {
      validated += 1;
      lines += ledger.lines;
    }
  }
  return { objects, validated, lines, running: executions.length };
}
