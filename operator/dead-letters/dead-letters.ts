import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { statusOf } from '../../adapters/store-faults.ts';
import { countOf, formatCount } from '../../cli/format.ts';
import { choice, flag, wholeNumber } from '../../cli/options.ts';
import { print, printError } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { renderTable } from '../../cli/table.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { objectOf } from '../../handlers/ingest/plan-ingest/input.ts';
import { confirmed } from '../shared/confirm.ts';
import { type OpenInstallation, openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';
import { type DeadLetter, letGo, moveTo, receiveAll, remove } from './dead-letter-queue.ts';

const queues = ['ingest', 'jobs', 'events'] as const;
type QueueName = (typeof queues)[number];

/** `caudal dead-letters list|replay|drop` */
export const deadLetters = defineInstallationVerb({
  command: 'npm run caudal -- dead-letters',
  summary:
    'lists the messages that were given up, sends them back to where they came from, or drops those about nothing',
  about: [
    'list shows each message with the raw object that it names and what has become of that object since; reading hides the messages from other readers until the list is shown.',
    'replay sends each message back to its queue, then deletes it here; messages that are not about a new object stay.',
    'drop deletes the messages about which nothing can be done: those that are about no object, whose object is gone, or whose object was ingested since. It shows them, and asks.',
  ],
  positionals: {
    action: choice(['list', 'replay', 'drop'], { help: 'what to do with the messages', required: true }),
  },
  options: {
    queue: choice(queues, {
      help: 'messages about new raw objects, about ended jobs, or events that the bus gave up and posts to the webhook',
      default: 'ingest',
    }),
    limit: wholeNumber({ help: 'messages at most', min: 1, default: 1_000 }),
    'dry-run': flag({ help: 'of drop: shows what it would delete, and deletes nothing' }),
    yes: flag({ help: 'of drop: does not ask' }),
    ...jsonOption,
  },
  notes: ['Fix first what made them dead letters: docs/runbook.md, caudal-dead-letters.'],
  examples: ['npm run caudal -- dead-letters list'],
  async run({ action, ...options }) {
    const found = await openInstallation();
    if (action === 'drop') return drop(found, options);
    if (options.dryRun || options.yes)
      throw new UsageError(`--dry-run and --yes are for drop, not for ${action}.`);
    if (action === 'replay' && options.queue === 'events')
      throw new UsageError(
        'Events that the bus gave up are encrypted, and can not be sent back. What they told is in the jobs: npm run caudal -- executions; of alerts for the webhook, in GET /datasets/{dataset}/alerts. When whoever listens has caught up, drop them.',
      );
    return action === 'list' ? list(found, options) : replayAll(found, options);
  },
});

interface Options {
  queue: QueueName;
  limit: number;
  dryRun: boolean;
  yes: boolean;
  json: boolean;
}

const deadLetterQueueOf = ({ installation }: OpenInstallation, queue: QueueName): string =>
  ({
    ingest: installation.ingestDeadLetterQueue,
    jobs: installation.jobDeadLetterQueue,
    events: installation.busDeadLetterQueue,
  })[queue];

/** A dead letter in words. */
interface ListedLetter {
  messageId: string;
  sentAt: string;
  about: string;
  since: string;
  reason: string | undefined;
  /** Sending it back would bring nothing. */
  needless: boolean;
}

async function list(found: OpenInstallation, options: Options): Promise<number> {
  const { queue, json } = options;
  const listed = await look(found, options);
  if (json) print(JSON.stringify(listed, null, 2));
  else if (listed.length === 0) print(`There are no dead letters in the ${queue} queue.`);
  else {
    const option = queue === 'ingest' ? '' : ` --queue ${queue}`;
    const needless = listed.filter((letter) => letter.needless).length;
    print(lettersTable(listed));
    print(
      queue === 'events'
        ? `\n${countOf(listed.length, 'message')}. What they told is in the jobs: npm run caudal -- executions; of alerts, in GET /datasets/{dataset}/alerts`
        : `\n${countOf(listed.length, 'message')}. Send them back with: npm run caudal -- dead-letters replay${option}`,
    );
    if (needless > 0)
      print(
        `Nothing can be done about ${formatCount(needless)} of them: npm run caudal -- dead-letters drop${option}`,
      );
  }
  return listed.length === 0 ? 0 : 1;
}

/** All messages in words; they are let go before this returns. */
async function look(found: OpenInstallation, { queue, limit }: Options): Promise<ListedLetter[]> {
  const from = deadLetterQueueOf(found, queue);
  const held: DeadLetter[] = [];
  const listed: ListedLetter[] = [];
  try {
    for await (const letter of receiveAll(found.sqs, from, limit)) {
      held.push(letter);
      listed.push(await describe(found, letter, queue));
    }
  } finally {
    for (const letter of held) await letGo(found.sqs, from, letter);
  }
  return listed;
}

const lettersTable = (listed: readonly ListedLetter[]): string =>
  renderTable(
    [{ title: 'sent (UTC)' }, { title: 'about' }, { title: 'since then' }],
    listed.map(({ sentAt, about, since, reason }) => [
      sentAt.slice(0, 19).replace('T', ' '),
      about,
      reason === undefined ? since : `${since}; given up because of ${reason}`,
    ]),
  );

async function drop(found: OpenInstallation, options: Options): Promise<number> {
  const { queue, limit, dryRun, yes, json } = options;
  const needless = (await look(found, options)).filter((letter) => letter.needless);
  const tell = (dropped: number) => json && print(JSON.stringify({ needless, dropped }, null, 2));
  if (!json)
    print(
      needless.length === 0
        ? `No dead letter in the ${queue} queue is about nothing: there is nothing to drop.`
        : lettersTable(needless),
    );
  if (needless.length === 0 || dryRun) {
    if (!json && needless.length > 0) print(`\n${countOf(needless.length, 'message')} would be deleted.`);
    tell(0);
    return 0;
  }
  if (!(await confirmed(`Delete ${countOf(needless.length, 'message')}`, { yes }))) {
    printError('Nothing was deleted.');
    return 1;
  }
  const shown = new Set(needless.map(({ messageId }) => messageId));
  const from = deadLetterQueueOf(found, queue);
  const others: DeadLetter[] = [];
  let dropped = 0;
  // They were let go while they were looked at: what is deleted now is only what was shown.
  for await (const letter of receiveAll(found.sqs, from, limit)) {
    if (shown.has(letter.messageId)) {
      await remove(found.sqs, from, letter);
      dropped += 1;
    } else others.push(letter);
  }
  for (const letter of others) await letGo(found.sqs, from, letter);
  if (!json) print(`\n${countOf(dropped, 'message')} deleted.`);
  tell(dropped);
  return dropped === needless.length ? 0 : 1;
}

/** What a message is about, and whether it still matters. */
async function describe(
  found: OpenInstallation,
  letter: DeadLetter,
  queue: QueueName,
): Promise<ListedLetter> {
  const { messageId, sentAtMs, reason } = letter;
  const base = { messageId, sentAt: new Date(sentAtMs).toISOString(), reason, needless: false };
  const object = queue === 'events' ? undefined : objectOf(letter.body);
  if (object === undefined) {
    const { text, isJob } = subjectOf(letter.body);
    return { ...base, about: text, since: '', needless: queue !== 'jobs' || !isJob };
  }
  const { bucket, key, versionId } = object;
  const [ledger] = await createLedgers(found.documents, found.installation.jobsTable).ledgers([object]);
  const about = `s3://${bucket}/${key}`;
  if (ledger?.state === 'Completed')
    return { ...base, about, since: 'it was ingested by another message or a replay', needless: true };
  if (ledger?.state === 'Refused')
    return { ...base, about, since: 'it was refused: npm run caudal -- rejects', needless: true };
  try {
    await found.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
  } catch (fault) {
    if (![400, 403, 404, 405].includes(statusOf(fault) ?? 0)) throw fault;
    // Forbidden is not gone: somebody may allow it again.
    const gone = statusOf(fault) !== 403;
    const since = gone ? 'the object, or that version of it, is gone' : 'the object may not be read';
    return { ...base, about, since, needless: gone };
  }
  return { ...base, about, since: ledger === undefined ? 'not ingested' : `failed: ${ledger.error}` };
}

/** Notices about jobs name their job; anything else is shown by its beginning. */
function subjectOf(body: string): { text: string; isJob: boolean } {
  try {
    const {
      Subject,
      Message,
      jobId,
      detail,
      'detail-type': type,
    } = JSON.parse(body) as Record<string, unknown>;
    const named = jobId ?? (detail as { jobId?: unknown } | undefined)?.jobId;
    if (named !== undefined) return { text: `job ${named}`, isJob: true };
    if (typeof Message === 'string') return subjectOf(Message);
    if (typeof type === 'string') return { text: type, isJob: false };
    if (Subject !== undefined) return { text: String(Subject), isJob: false };
  } catch {
    // It is no JSON: then its beginning is all that can be said.
  }
  return { text: body.slice(0, 60), isJob: false };
}

async function replayAll(found: OpenInstallation, { queue, limit, json }: Options): Promise<number> {
  const { ingestQueue, jobQueue } = found.installation;
  const urls = { from: deadLetterQueueOf(found, queue), to: queue === 'ingest' ? ingestQueue : jobQueue };
  let moved = 0;
  const strange: DeadLetter[] = [];
  const beganMs = Date.now();
  for await (const letter of receiveAll(found.sqs, urls.from, limit)) {
    // What has come back since then would go round in a circle; and PlanIngest passes over what it can't read.
    const isOurs = queue === 'jobs' || objectOf(letter.body) !== undefined;
    if (!isOurs || letter.sentAtMs > beganMs) strange.push(letter);
    else {
      await moveTo(found.sqs, urls, letter);
      moved += 1;
    }
  }
  for (const letter of strange) await letGo(found.sqs, urls.from, letter);
  if (json) print(JSON.stringify({ moved, left: strange.length }, null, 2));
  else {
    print(moved === 0 ? 'No message was sent back.' : `${countOf(moved, 'message')} sent back to the queue.`);
    if (strange.length > 0)
      print(
        `${countOf(strange.length, 'message')} left: they are not about a new object, or arrived meanwhile.`,
      );
    if (moved > 0 && queue === 'ingest')
      print('See what becomes of them with: npm run caudal -- executions --follow');
  }
  return strange.length === 0 ? 0 : 1;
}
