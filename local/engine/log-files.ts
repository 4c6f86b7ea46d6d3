import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** Plain log files for people, one a name, appended to. What a kill cuts off is lost; nothing reads them back. */
export interface LogFiles {
  write(name: string, text: string): void;
  close(): Promise<void>;
}

export function createLogFiles(directory: string): LogFiles {
  mkdirSync(directory, { recursive: true });
  const streams = new Map<string, WriteStream>();
  let closed = false;
  return {
    write(name, text) {
      if (closed) return;
      let stream = streams.get(name);
      if (!stream) {
        stream = createWriteStream(join(directory, `${name}.log`), { flags: 'a' });
        streams.set(name, stream);
      }
      stream.write(text);
    },
    async close() {
      closed = true;
      const ends = [...streams.values()].map((stream) => new Promise((resolve) => stream.end(resolve)));
      await Promise.all(ends);
    },
  };
}
