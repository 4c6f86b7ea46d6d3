import type { LogEntry } from '../../core/streams/notification-log.ts';
import type { StreamKey } from '../../core/streams/stream.ts';

type Item = Record<string, Record<string, unknown>>;

/** What the table of streams holds, of all runs of a world. */
export interface StoredStreams {
  /** Commits as texts, by `<stream>/<id>`, in the order of their sort keys; with them whether they wait for their log. */
  readonly commits: ReadonlyMap<string, readonly { position: number; text: string; isPending: boolean }[]>;
  /** By the number of the log, in the order of their sort keys. */
  readonly logs: ReadonlyMap<number, readonly LogEntry[]>;
}

export const nameOf = ({ stream, id }: StreamKey): string => `${stream}/${id}`;

/** @param items of the table, in any order */
export function storedStreams(items: readonly Item[]): StoredStreams {
  const commits = new Map<string, { position: number; text: string; isPending: boolean }[]>();
  const logs = new Map<number, LogEntry[]>();
  const text = (item: Item, name: string) => String(item[name]?.S);
  for (const item of items.toSorted((a, b) => (text(a, 'sk') < text(b, 'sk') ? -1 : 1))) {
    const [kind = '', name = '', id = ''] = text(item, 'pk').split('#');
    const [part = '', number = ''] = text(item, 'sk').split('#');
    if (kind === 'log') {
      const entry = { position: Number(number), commits: JSON.parse(text(item, 'commits')) };
      logs.set(Number(name), [...(logs.get(Number(name)) ?? []), entry]);
    } else if (part === 'commit') {
      const of = nameOf({ stream: name, id });
      const commit = {
        ...{ position: Number(number), text: text(item, 'commit') },
        isPending: item.pending !== undefined,
      };
      commits.set(of, [...(commits.get(of) ?? []), commit]);
    }
  }
  return { commits, logs };
}
