import type { Stream } from '../../core/streams/stream.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import { StoreUnavailable } from '../../ports/faults.ts';
import {
  type CommandPorts,
  createCommandHandler,
  type GivenCommand,
  type Handled,
} from './handle-command.ts';

/** A command, and what it is for. */
export interface Asked {
  /** Of the stream. */
  readonly id: string;
  readonly command: GivenCommand;
  /** Position that the stream must be at; any without it. */
  readonly expected?: number | undefined;
}

export type Outcome =
  | Handled
  /** Nobody knows whether it is committed, or it was not begun. Given again it comes to what it would have come to. */
  | { readonly kind: 'undecided'; readonly fault: StoreUnavailable };

/** Streams whose commands are handled at a time: their commits are put 25 to a call. */
const streamsInFlight = 100;

/**
 * Handles commands of many streams of a kind: those of different streams at once, those of one stream one after the other, in the order given. Each is
 * decided by itself, and what is refused keeps no other back. After a fault of the store none of its stream is begun: it may presume what
 * is not there. So to give all that is undecided again, in its order, comes to what one call without a fault comes to.
 * @returns what each came to, in the order given; faults other than the store's are thrown when nothing is under way any more
 */
export function createCommandsHandler(ports: CommandPorts) {
  const handle = createCommandHandler(ports);

  async function outcomeOf(stream: Stream, { id, command, expected }: Asked): Promise<Outcome> {
    try {
      return await handle(stream, { stream: stream.name, id }, command, expected);
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable)) throw fault;
      return { kind: 'undecided', fault };
    }
  }

  /** @param isOver asked before each command: none is begun after it */
  return async (stream: Stream, asked: readonly Asked[], isOver: () => boolean): Promise<Outcome[]> => {
    const outcomes = new Array<Outcome>(asked.length);
    const byStream = Map.groupBy(asked.entries(), ([, { id }]) => id);
    await mapBounded([...byStream.values()], streamsInFlight, async (ofStream) => {
      let undecided: Outcome | undefined;
      for (const [place, each] of ofStream) {
        if (undecided === undefined && isOver())
          undecided = { kind: 'undecided', fault: new StoreUnavailable('the time of the request is over') };
        const outcome = undecided ?? (await outcomeOf(stream, each));
        outcomes[place] = outcome;
        if (outcome.kind === 'undecided') undecided = outcome;
      }
    });
    return outcomes;
  };
}
