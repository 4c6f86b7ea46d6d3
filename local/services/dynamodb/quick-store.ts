import { Readable } from 'node:stream';

type Done = (error?: unknown) => void;
type Operation = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };
/** Of abstract-level; what its iterators lack for a range is left out. */
interface Iterator {
  nextv(size: number): Promise<unknown[]>;
  close(): Promise<void>;
}

/** LevelDB as dynalite wraps it: its own methods take a callback, the others are the library's. */
export interface LevelDb {
  open(): Promise<void>;
  getSync(key: string): unknown;
  values(range: object): Iterator;
  get(key: string, done: (error: unknown, value?: unknown) => void): void;
  put(key: string, value: unknown, done: Done): void;
  del(key: string, done: Done): void;
  batch(operations: Operation[], done: Done): void;
  createValueStream(range: object): Readable;
}

/** Values that a stream fetches at once. LevelDB's iterator itself stops at 16 KiB. */
const valuesAtOnce = 100;

/**
 * dynalite 4.0.0, the newest, has no option for any of this.
 *
 * Takes the thread pool out of dynalite's way to LevelDB. Each of its reads and writes was a task of its own there, and at a
 * thousand small calls a second waking the threads took more than what they did:
 * - a get is answered from the calling thread; LevelDB has it in memory, or in a page that the kernel has;
 * - writes that come while another write runs go to disk together as one batch, in their order. Each is called back
 *   when its batch is written, as before: what was acknowledged is in LevelDB's log;
 * - streams of values fetch many at once.
 */
export function quicken(db: LevelDb): void {
  const write = db.batch;
  let gathered: Operation[] = [];
  let callbacks: Done[] = [];
  let writing = false;

  function enqueue(operations: readonly Operation[], done: Done): void {
    gathered.push(...operations);
    callbacks.push(done);
    if (writing) return;
    writing = true;
    // What else the requests of this turn of the event loop write goes along.
    setImmediate(flush);
  }

  function flush(): void {
    const [operations, waiting] = [gathered, callbacks];
    [gathered, callbacks] = [[], []];
    if (waiting.length === 0) {
      writing = false;
      return;
    }
    write(operations, (error) => {
      for (const done of waiting) done(error);
      flush();
    });
  }

  db.get = (key, done) => {
    let found: { value: unknown } | { error: unknown };
    try {
      found = { value: db.getSync(key) };
    } catch (error) {
      found = { error };
    }
    // Not from within this call: dynalite counts on its callbacks coming later.
    queueMicrotask(() => ('error' in found ? done(found.error) : done(null, found.value)));
  };
  db.put = (key, value, done) => enqueue([{ type: 'put', key, value }], done);
  db.del = (key, done) => enqueue([{ type: 'del', key }], done);
  db.batch = enqueue;
  db.createValueStream = (range) => streamOf(db.values(range));
}

function streamOf(iterator: Iterator): Readable {
  return new Readable({
    objectMode: true,
    highWaterMark: valuesAtOnce,
    read() {
      iterator.nextv(valuesAtOnce).then(
        (values) => {
          for (const value of values) this.push(value);
          if (values.length === 0) this.push(null);
        },
        (error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      iterator.close().then(
        () => done(error),
        (fault) => done(error ?? fault),
      );
    },
  });
}
