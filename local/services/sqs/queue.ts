import { createHash, randomUUID } from 'node:crypto';
import { AwsError } from '../../engine/calls.ts';
import { Journal } from '../../engine/journal.ts';

export interface QueueSettings {
  name: string;
  /** Default 30. */
  visibilityTimeoutSeconds?: number;
  /** Default 345,600 (4 days). */
  retentionSeconds?: number;
  delaySeconds?: number;
  /** How long a receive waits that does not say. */
  receiveWaitSeconds?: number;
  /** Default 1 MiB, the largest that SQS takes. */
  maximumMessageBytes?: number;
  redrive?: { deadLetterArn: string; maxReceiveCount: number };
}

export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string;
}

export interface StoredMessage {
  id: string;
  body: string;
  attributes: Record<string, MessageAttribute>;
  sentMs: number;
  visibleMs: number;
  receives: number;
  firstReceivedMs?: number;
  senderId: string;
  /** ARN of the queue whose dead letter this is. */
  deadLetterOf?: string;
}

export interface Received extends StoredMessage {
  receiptHandle: string;
}

type Entry = { send: StoredMessage } | { received: [id: string, atMs: number] } | { gone: string };

/** Moves a message to the dead letter queue; it is on disk there when this returns. */
export type MoveToDeadLetters = (message: StoredMessage) => void;

/**
 * One standard queue. Messages and their receive counts are journaled; visibility is not: after a restart whatever was
 * in flight can be received again at once, as at-least-once delivery allows.
 */
export class Queue {
  readonly settings: Required<Omit<QueueSettings, 'redrive'>> & Pick<QueueSettings, 'redrive'>;
  readonly #journal: Journal<Entry>;
  readonly #messages = new Map<string, StoredMessage>();
  /** By message id: the newest receipt. */
  readonly #receipts = new Map<string, string>();
  readonly #waiters = new Set<() => void>();
  readonly #moveToDeadLetters: MoveToDeadLetters;

  constructor(path: string, settings: QueueSettings, moveToDeadLetters: MoveToDeadLetters) {
    this.settings = {
      visibilityTimeoutSeconds: 30,
      retentionSeconds: 345_600,
      delaySeconds: 0,
      receiveWaitSeconds: 0,
      maximumMessageBytes: 1024 * 1024,
      ...settings,
    };
    this.#moveToDeadLetters = moveToDeadLetters;
    this.#journal = new Journal(path);
    for (const entry of this.#journal.load()) {
      if ('send' in entry) this.#messages.set(entry.send.id, { ...entry.send, visibleMs: 0 });
      else if ('gone' in entry) this.#messages.delete(entry.gone);
      else this.#count(entry.received);
    }
  }

  send(
    body: string,
    options: {
      attributes?: Record<string, MessageAttribute>;
      delaySeconds?: number | undefined;
      senderId?: string;
    } = {},
  ): StoredMessage {
    const delayMs = (options.delaySeconds ?? this.settings.delaySeconds) * 1000;
    const now = Date.now();
    const message: StoredMessage = {
      id: randomUUID(),
      body,
      attributes: options.attributes ?? {},
      sentMs: now,
      visibleMs: now + delayMs,
      receives: 0,
      senderId: options.senderId ?? 'local',
    };
    this.#add(message);
    return message;
  }

  /** Takes a dead letter: it keeps its id and the time it was sent. */
  adopt(message: StoredMessage, from: string): void {
    this.#add({ ...message, visibleMs: 0, receives: 0, deadLetterOf: from });
  }

  /** Up to `max` messages that are visible; waits up to `waitSeconds` for the first. */
  async receive(options: {
    max: number;
    waitSeconds: number;
    visibilityTimeoutSeconds?: number | undefined;
    signal?: AbortSignal | undefined;
  }): Promise<Received[]> {
    const deadline = Date.now() + options.waitSeconds * 1000;
    for (;;) {
      // Nobody is there to take them: they stay visible for the next receiver.
      if (options.signal?.aborted) return [];
      const taken = this.#take(
        options.max,
        options.visibilityTimeoutSeconds ?? this.settings.visibilityTimeoutSeconds,
      );
      const now = Date.now();
      if (taken.length > 0 || now >= deadline) return taken;
      await this.#change(Math.min(deadline, this.#nextVisible()) - now, options.signal);
    }
  }

  #take(max: number, visibilitySeconds: number): Received[] {
    const now = Date.now();
    const taken: Received[] = [];
    for (const message of this.#messages.values()) {
      if (taken.length >= max) break;
      if (message.visibleMs > now) continue;
      if (message.sentMs + this.settings.retentionSeconds * 1000 < now) {
        this.#remove(message.id);
      } else if (
        this.settings.redrive !== undefined &&
        message.receives >= this.settings.redrive.maxReceiveCount
      ) {
        // First there, then gone here: a kill between the two repeats the message, it does not lose it.
        this.#moveToDeadLetters(message);
        this.#remove(message.id);
      } else {
        this.#count([message.id, now]);
        message.visibleMs = now + visibilitySeconds * 1000;
        const receiptHandle = `${message.id}.${randomUUID()}`;
        this.#receipts.set(message.id, receiptHandle);
        taken.push({ ...message, receiptHandle });
      }
    }
    if (taken.length > 0) {
      this.#journal.append(...taken.map(({ id }): Entry => ({ received: [id, now] })));
    }
    return taken;
  }

  /** Deleting what is gone succeeds, as in SQS. */
  delete(receiptHandle: string): void {
    const id = idOf(receiptHandle);
    if (this.#messages.has(id)) this.#remove(id);
  }

  /** Throws MessageNotInflight; seconds 0 to 43,200. */
  changeVisibility(receiptHandle: string, seconds: number): void {
    const message = this.#messages.get(idOf(receiptHandle));
    if (!(seconds >= 0 && seconds <= 43_200)) {
      throw new AwsError('InvalidParameterValue', 'VisibilityTimeout must be between 0 and 43200.');
    }
    if (message === undefined || message.visibleMs <= Date.now()) {
      throw new AwsError('MessageNotInflight', 'The specified message is not in flight.');
    }
    message.visibleMs = Date.now() + seconds * 1000;
    if (seconds === 0) this.#wake();
  }

  /** Gives all dead letters that are visible back to where they come from: first there, then gone here. @returns how many */
  giveBack(take: (message: StoredMessage) => void): number {
    const nowMs = Date.now();
    const letters = [...this.#messages.values()].filter(({ visibleMs }) => visibleMs <= nowMs);
    for (const { deadLetterOf: _, ...message } of letters) {
      take({ ...message, visibleMs: 0, receives: 0, sentMs: nowMs });
      this.#remove(message.id);
    }
    return letters.length;
  }

  /** Takes a message that another queue gives back. */
  take(message: StoredMessage): void {
    this.#add(message);
  }

  purge(): void {
    this.#messages.clear();
    this.#receipts.clear();
    this.#journal.rewrite([]);
  }

  counts(): { visible: number; inFlight: number; delayed: number } {
    const now = Date.now();
    const counts = { visible: 0, inFlight: 0, delayed: 0 };
    for (const { visibleMs, receives } of this.#messages.values()) {
      if (visibleMs <= now) counts.visible++;
      else if (receives > 0) counts.inFlight++;
      else counts.delayed++;
    }
    return counts;
  }

  /** How long the oldest message has waited that is not deleted, ms; 0 without one. */
  oldestAgeMs(): number {
    const now = Date.now();
    return [...this.#messages.values()].reduce((oldest, { sentMs }) => Math.max(oldest, now - sentMs), 0);
  }

  close(): void {
    this.#journal.close();
  }

  #add(message: StoredMessage): void {
    this.#journal.append({ send: message });
    this.#messages.set(message.id, message);
    this.#wake();
  }

  #remove(id: string): void {
    this.#journal.append({ gone: id });
    this.#messages.delete(id);
    this.#receipts.delete(id);
    this.#journal.compact(this.#messages.size, () => [...this.#messages.values()].map((send) => ({ send })));
  }

  #count([id, atMs]: [id: string, atMs: number]): void {
    const message = this.#messages.get(id);
    if (message === undefined) return;
    message.receives++;
    message.firstReceivedMs ??= atMs;
  }

  #nextVisible(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { visibleMs } of this.#messages.values()) next = Math.min(next, visibleMs);
    return next;
  }

  #change(withinMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(withinMs, 1));
      this.#waiters.add(done);
      signal?.addEventListener('abort', done);
    });
  }

  #wake(): void {
    for (const done of this.#waiters) done();
  }
}

function idOf(receiptHandle: string): string {
  const [id, receipt] = receiptHandle.split('.');
  if (id === undefined || receipt === undefined) {
    throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
  }
  return id;
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** MD5OfMessageAttributes as SQS defines it: names in order, each part with its length in four bytes. */
export function md5OfAttributes(attributes: Record<string, MessageAttribute>): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const { DataType, StringValue, BinaryValue } = attributes[name] as MessageAttribute;
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    hash.update(Buffer.from([BinaryValue === undefined ? 1 : 2]));
    add(BinaryValue === undefined ? Buffer.from(StringValue ?? '') : Buffer.from(BinaryValue, 'base64'));
  }
  return hash.digest('hex');
}
