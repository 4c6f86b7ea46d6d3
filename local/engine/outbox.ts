import { Journal } from './journal.ts';

type Entry<Item> = { add: [id: number, item: Item] } | { done: number };

export interface OutboxOptions<Item> {
  path: string;
  /** Rejecting means: try again later. */
  send: (item: Item) => Promise<void>;
  /** Told when an item is given up after `maxAttempts`. */
  onGiveUp?: (item: Item, error: unknown) => void;
  /** Default: never gives up. */
  maxAttempts?: number;
}

const firstDelayMs = 100;
const maxDelayMs = 10_000;

/**
 * Sends each item at least once, also those that were added before a crash: an item is on disk when `add` returns and
 * is struck off after `send` resolved. Failed sends are repeated with a doubling delay, 100 ms to 10 s.
 */
export class Outbox<Item> {
  readonly #options: OutboxOptions<Item>;
  readonly #journal: Journal<Entry<Item>>;
  readonly #waiting = new Map<number, Item>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  #next = 1;
  #state: 'new' | 'started' | 'closed' = 'new';

  constructor(options: OutboxOptions<Item>) {
    this.#options = options;
    this.#journal = new Journal(options.path);
    for (const entry of this.#journal.load()) {
      if ('done' in entry) {
        this.#waiting.delete(entry.done);
      } else {
        this.#waiting.set(...entry.add);
        this.#next = Math.max(this.#next, entry.add[0] + 1);
      }
    }
  }

  /** Items that are not struck off yet. */
  get size(): number {
    return this.#waiting.size;
  }

  add(items: Item[]): void {
    if (items.length === 0) return;
    const added = items.map((item): [number, Item] => [this.#next++, item]);
    this.#journal.append(...added.map((add) => ({ add })));
    for (const [id, item] of added) this.#waiting.set(id, item);
    if (this.#state === 'started') for (const [id] of added) this.#attempt(id, 1);
  }

  /** Begins to send: first what an earlier process left. */
  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'started';
    for (const id of this.#waiting.keys()) this.#attempt(id, 1);
  }

  #attempt(id: number, attempt: number): void {
    const item = this.#waiting.get(id);
    if (item === undefined || this.#state === 'closed') return;
    const running = this.#send(id, item, attempt).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #send(id: number, item: Item, attempt: number): Promise<void> {
    try {
      await this.#options.send(item);
    } catch (error) {
      if (this.#state === 'closed') return;
      if (attempt < (this.#options.maxAttempts ?? Number.POSITIVE_INFINITY)) {
        this.#later(id, attempt);
        return;
      }
      this.#options.onGiveUp?.(item, error);
    }
    this.#waiting.delete(id);
    if (this.#state === 'closed') return;
    this.#journal.append({ done: id });
    this.#journal.compact(this.#waiting.size, () => [...this.#waiting].map((add) => ({ add })));
  }

  #later(id: number, attempt: number): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#attempt(id, attempt + 1);
      },
      Math.min(firstDelayMs * 2 ** (attempt - 1), maxDelayMs),
    );
    this.#timers.add(timer);
  }

  /** Resolves when nothing is waiting any more. */
  async idle(): Promise<void> {
    while (this.#waiting.size > 0 && this.#state === 'started') {
      if (this.#running.size > 0) await Promise.race(this.#running);
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Stops sending; what is left is sent by the next process. */
  async close(): Promise<void> {
    this.#state = 'closed';
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#journal.close();
  }
}
