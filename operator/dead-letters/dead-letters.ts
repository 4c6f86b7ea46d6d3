import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { statusOf } from '../../adapters/store-faults.ts';
import { countOf } from '../../cli/format.ts';
import { choice, wholeNumber } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { renderTable } from '../../cli/table.ts';
import { defineVerb } from '../../cli/verb.ts';
import { objectOf } from '../../handlers/ingest/plan-ingest/input.ts';
import { type OpenInstallation, openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';
import { type DeadLetter, letGo, moveTo, receiveAll } from './dead-letter-queue.ts';

const queues = ['ingest', 'jobs'] as const;
type QueueName = (typeof queues)[number];

/** `caudal dead-letters list|replay` */
export const deadLetters = defineVerb({
  command: 'npm run caudal -- dead-letters',
  summary: 'lists the messages that were given up, or sends them back to where they came from',
  about: [
    'list shows each message with the raw object that it names and what has become of that object since; reading hides the messages from other readers until the list is shown.',
    'replay sends each message back to its queue, then deletes it here; messages that are not about a new object stay.',
  ],
  positionals: {
    action: choice(['list', 'replay'], { help: 'what to do with the messages', required: true }),
  },
  options: {
    queue: choice(queues, {
      help: 'messages about new raw objects, or about ended jobs',
      default: 'ingest',
    }),
    limit: wholeNumber({ help: 'messages at most', min: 1, default: 1_000 }),
    ...jsonOption,
  },
  notes: ['Fix first what made them dead letters: docs/runbook.md, caudal-dead-letters.'],
  examples: ['npm run caudal -- dead-letters list'],
  async run({ action, ...options }) {
    const found = await openInstallation();
    return action === 'list' ? list(found, options) : replayAll(found, options);
  },
});

interface Options {
  queue: QueueName;
  limit: number;
  json: boolean;
}

const urlsOf = ({ installation }: OpenInstallation, queue: QueueName): { from: string; to: string } =>
  queue === 'ingest'
    ? { from: installation.ingestDeadLetterQueue, to: installation.ingestQueue }
    : { from: installation.jobDeadLetterQueue, to: installation.jobQueue };

/** A dead letter in words. */
interface ListedLetter {
  messageId: string;
  sentAt: string;
  about: string;
  since: string;
  reason: string | undefined;
}

async function list(found: OpenInstallation, { queue, limit, json }: Options): Promise<number> {
  const { from } = urlsOf(found, queue);
  const held: DeadLetter[] = [];
  const listed: ListedLetter[] = [];
  try {
    for await (const letter of receiveAll(found.sqs, from, limit)) {
      held.push(letter);
      listed.push(await describe(found, letter));
    }
  } finally {
    for (const letter of held) await letGo(found.sqs, from, letter);
  }
  if (json) print(JSON.stringify(listed, null, 2));
  else if (listed.length === 0) print(`There are no dead letters in the ${queue} queue.`);
  else {
    print(
      renderTable(
        [{ title: 'sent (UTC)' }, { title: 'about' }, { title: 'since then' }],
        listed.map(({ sentAt, about, since, reason }) => [
          sentAt.slice(0, 19).replace('T', ' '),
          about,
          reason === undefined ? since : `${since}; given up because of ${reason}`,
        ]),
      ),
    );
    const option = queue === 'ingest' ? '' : ` --queue ${queue}`;
    print(
      `\n${countOf(listed.length, 'message')}. Send them back with: npm run caudal -- dead-letters replay${option}`,
    );
  }
  return listed.length === 0 ? 0 : 1;
}

/** What a message is about, and whether it still matters. */
async function describe(found: OpenInstallation, letter: DeadLetter): Promise<ListedLetter> {
  const { messageId, sentAtMs, reason } = letter;
  const base = { messageId, sentAt: new Date(sentAtMs).toISOString(), reason };
  const object = objectOf(letter.body);
  if (object === undefined) return { ...base, about: subjectOf(letter.body), since: '' };
  const { bucket, key, versionId } = object;
  const [ledger] = await createLedgers(found.documents, found.installation.jobsTable).ledgers([object]);
  const about = `s3://${bucket}/${key}`;
  if (ledger?.state === 'Completed')
    return { ...base, about, since: 'it was ingested by another message or a replay' };
  try {
    await found.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
  } catch (fault) {
    if (![400, 403, 404, 405].includes(statusOf(fault) ?? 0)) throw fault;
    return { ...base, about, since: 'the object, or that version of it, is gone' };
  }
  return { ...base, about, since: ledger === undefined ? 'not ingested' : `failed: ${ledger.error}` };
}

/** Notices about jobs name their job; anything else is shown by its beginning. */
function subjectOf(body: string): string {
  try {
    const { Subject, Message, jobId, detail } = JSON.parse(body) as Record<string, unknown>;
    const inner = typeof Message === 'string' ? subjectOf(Message) : undefined;
    const named = jobId ?? (detail as { jobId?: unknown } | undefined)?.jobId;
    if (named !== undefined) return `job ${named}`;
    if (inner !== undefined) return inner;
    if (Subject !== undefined) return String(Subject);
  } catch {
    // It is no JSON: then its beginning is all that can be said.
  }
  return body.slice(0, 60);
}

async function replayAll(found: OpenInstallation, { queue, limit, json }: Options): Promise<number> {
  const urls = urlsOf(found, queue);
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
