import { DescribePipeCommand, PipesClient } from '@aws-sdk/client-pipes';
import { pipeState, queueCounts } from '../../../adapters/flow.ts';
import { nameOf } from '../../../adapters/store-faults.ts';
import type { ClientSettings } from '../../../cli/connection.ts';
import { countOf, formatCount, formatDuration } from '../../../cli/format.ts';
import { attempt, type Check } from '../checks.ts';
import { queueArns } from '../queue-and-pipe.ts';
import { latest } from './recent-metrics.ts';
import type { SourceContext } from './source-context.ts';

/** A pipe takes messages at once: one that waits for longer waits for somebody. */
const lateSeconds = 600;

/** The queue of readings, the pipe that reads it, and what that gave up. */
export function queueChecks(context: SourceContext): Promise<Check>[] {
  const { found, output } = context;
  return [
    attempt('source queue', () => waiting(context, output('ReadingQueue'))),
    attempt('source pipe', () =>
      ofPipe(found.settings, output('ReadingPipe'), 'what waits stays in the queue for 14 days at most'),
    ),
    attempt('source letters', () => deadLetters(context, output('ReadingDeadLetterQueue'))),
  ];
}

/** The pipe that reads the topic of Kafka. */
export function kafkaChecks({ found, output }: SourceContext): Promise<Check>[] {
  return [
    attempt('Kafka pipe', () =>
      ofPipe(
        found.settings,
        output('KafkaPipe'),
        'what waits stays in the topic for as long as its brokers keep it',
      ),
    ),
  ];
}

async function waiting(context: SourceContext, url: string): Promise<Omit<Check, 'name'>> {
  const { queue } = await queueCounts(context.found.sqs, { queue: url });
  const oldestSeconds =
    (await latest(context, {
      namespace: 'AWS/SQS',
      name: 'ApproximateAgeOfOldestMessage',
      dimensions: { QueueName: queueName(url) },
      statistic: 'Maximum',
    })) ?? 0;
  const count = `${countOf(queue.visible, 'message')} waiting, ${formatCount(queue.inFlight)} in flight`;
  const isLate = queue.visible + queue.inFlight > 0 && oldestSeconds > lateSeconds;
  if (!isLate) return { state: 'ok', text: count };
  return {
    state: 'fail',
    text: `${count} in ${queueName(url)}, the oldest for ${formatDuration(oldestSeconds * 1_000)}`,
    fix: 'its pipe is stopped, or what it puts is refused: docs/runbook.md, caudal-source-pipe-failed',
  };
}

/** @param meanwhile what becomes of messages while the pipe does not read them */
async function ofPipe(
  settings: ClientSettings,
  name: string,
  meanwhile: string,
): Promise<Omit<Check, 'name'>> {
  try {
    const { state, reason } = pipeState(
      await new PipesClient(settings).send(new DescribePipeCommand({ Name: name })),
      name,
    );
    if (state === 'RUNNING') return { state: 'ok', text: `${name} is RUNNING` };
    return {
      state: 'fail',
      text: `${name} is ${state}${reason === undefined ? '' : `: ${reason}`}; ${meanwhile}`,
      fix: `aws pipes start-pipe --name ${name}`,
    };
  } catch (fault) {
    if (nameOf(fault) !== 'NotFoundException') throw fault;
    return { state: 'fail', text: `there is no pipe ${name}`, fix: 'npm run deploy' };
  }
}

async function deadLetters({ found }: SourceContext, url: string): Promise<Omit<Check, 'name'>> {
  const { queue } = await queueCounts(found.sqs, { queue: url });
  const count = queue.visible + queue.inFlight;
  if (count === 0) return { state: 'ok', text: 'no message was given up' };
  const { arn } = await queueArns(found.sqs, url);
  return {
    state: 'fail',
    text: `${countOf(count, 'message')} given up, in ${queueName(url)}`,
    fix: `once its pipe can put again, send them back: aws sqs start-message-move-task --source-arn ${arn}; docs/runbook.md, caudal-source-dead-letters`,
  };
}

export const queueName = (url: string): string => url.split('/').at(-1) ?? '';
