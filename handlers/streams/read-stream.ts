import {
  type Commit,
  type Folded,
  fold,
  foldOccurred,
  type Stream,
  type StreamKey,
  unfolded,
} from '../../core/streams/stream.ts';
import type { CommitStore, SnapshotStore } from '../../ports/streams.ts';

export interface ReadPorts {
  readonly commits: CommitStore;
  readonly snapshots: SnapshotStore;
}

/** As of what a stream is read; as of now without either. */
interface AsOf {
  /** After this many commits, … */
  readonly position?: number | undefined;
  /** … or after what had been recorded by then, UTC ms. */
  readonly recordedMs?: number | undefined;
  /** Of that only what had occurred by then, UTC ms. */
  readonly occurredMs?: number | undefined;
}

type Read =
  | { readonly kind: 'read'; readonly folded: Folded; readonly head: number }
  /** The stream has no commits, or none so early. */
  | { readonly kind: 'absent'; readonly head: number }
  | { readonly kind: 'too-many'; readonly position: number };

/** Commits that are folded for an answer at the most, where no snapshot helps. */
export const maxFolded = 20_000;

/** The state of a stream as of a position, a time of recording, a time of events. */
export async function readStream(
  { commits, snapshots }: ReadPorts,
  stream: Stream,
  key: StreamKey,
  asOf: AsOf,
): Promise<Read> {
  const last = await commits.last(key);
  const head = last?.position ?? 0;
  const position =
    asOf.recordedMs === undefined
      ? (asOf.position ?? head)
      : await positionAt(commits, key, last, asOf.recordedMs);
  if (position < 1 || position > head) return { kind: 'absent', head };
  const { occurredMs } = asOf;
  const snapshot =
    occurredMs === undefined
      ? await snapshots.last(key, { version: stream.version, upTo: position })
      : undefined; // it does not say what had occurred when
  const start: Folded = snapshot ?? unfolded(stream);
  if (position - start.position > maxFolded) return { kind: 'too-many', position };
  const rest = await commits.after(key, start.position, position - start.position);
  const folded = rest.reduce((of, commit) => fold(stream, of, commit), start);
  if (occurredMs === undefined) return { kind: 'read', folded, head };
  return { kind: 'read', folded: { ...folded, state: foldOccurred(stream, rest, occurredMs) }, head };
}

/** The last position that had been recorded by a time; 0 for none. Within a stream that time never goes back. */
async function positionAt(
  commits: Pick<CommitStore, 'at'>,
  key: StreamKey,
  last: Commit | undefined,
  recordedMs: number,
): Promise<number> {
  if (last === undefined || last.recordedMs <= recordedMs) return last?.position ?? 0;
  let [below, above] = [0, last.position];
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    const found = await commits.at(key, middle);
    if (found !== undefined && found.recordedMs <= recordedMs) below = middle;
    else above = middle;
  }
  return below;
}
