import { type ApiClient, ApiRefusal } from '../../cli/api-client.ts';

/** As `POST /streams/{stream}/commands` takes them. */
const maxCommands = 500;
/** Below the 1 MiB that it takes. */
const maxBytes = 1_000_000;
/** Of a batch whose answer did not come: commands that are there already are answered as such. */
const attempts = 3;
const unanswered = [502, 504];

interface Answered {
  readonly committed: number;
  readonly repeated: number;
  readonly answers: readonly {
    readonly id: string;
    readonly commandId: string;
    readonly problem?: { readonly reason?: string; readonly detail: string };
  }[];
}

/** A line whose command was not committed. */
export interface RefusedLine {
  readonly line: number;
  readonly id: string;
  readonly commandId: string;
  /** As the rules name it; absent where the command is none of the stream. */
  readonly reason?: string | undefined;
  readonly detail: string;
}

export interface Imported {
  committed: number;
  /** Committed before, as by an import that broke off. */
  repeated: number;
  readonly refused: RefusedLine[];
}

/** A line that can't be sent, or a batch that was not taken: nothing is sent after it, and the same file can be given again. */
export class ImportStopped extends Error {
  override readonly name = 'ImportStopped';
}

interface Line {
  readonly line: number;
  readonly command: object;
  readonly bytes: number;
}

/**
 * Gives the commands of a file, a JSON object a line, in its order: batch after batch, so that those of one stream stay in it.
 * @param to.path of the kind of streams: `/streams/reservations`
 * @param imported what becomes of them is added to it, and stays where the import stops
 * @param onBatch called after each batch
 * @throws {ImportStopped} naming the line or lines
 */
export async function importCommands(
  to: { readonly api: Pick<ApiClient, 'post'>; readonly path: string },
  bytes: AsyncIterable<Uint8Array>,
  imported: Imported,
  onBatch: () => void,
): Promise<void> {
  let batch: Line[] = [];
  let batchBytes = 0;
  const send = async (): Promise<void> => {
    const { committed, repeated, answers } = await answersTo(to.api, to.path, batch);
    imported.committed += committed;
    imported.repeated += repeated;
    for (const [index, { id, commandId, problem }] of answers.entries()) {
      if (problem === undefined) continue;
      const { reason, detail } = problem;
      imported.refused.push({ line: batch[index]?.line ?? 0, id, commandId, reason, detail });
    }
    onBatch();
    [batch, batchBytes] = [[], 0];
  };
  for await (const line of commandsOf(bytes)) {
    if (batch.length === maxCommands || (batch.length > 0 && batchBytes + line.bytes > maxBytes))
      await send();
    batch.push(line);
    batchBytes += line.bytes;
  }
  if (batch.length > 0) await send();
}

async function* commandsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 0;
  for await (const text of linesOf(bytes)) {
    number++;
    if (text.trim() === '') continue;
    yield { line: number, command: commandOf(text, number), bytes: Buffer.byteLength(text) + 1 };
  }
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decoded = (piece?: Uint8Array): string => {
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
    } catch {
      throw new ImportStopped('the file is not UTF-8');
    }
  };
  let rest = '';
  for await (const piece of bytes) {
    const lines = (rest + decoded(piece)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest + decoded();
}

function commandOf(text: string, line: number): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ImportStopped(`line ${line} is not JSON`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new ImportStopped(`line ${line} is no JSON object`);
}

async function answersTo(
  api: Pick<ApiClient, 'post'>,
  path: string,
  batch: readonly Line[],
): Promise<Answered> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await api.post<Answered>(`${path}/commands`, { commands: batch.map(({ command }) => command) });
    } catch (fault) {
      if (!(fault instanceof ApiRefusal)) throw fault;
      if (unanswered.includes(fault.status) && attempt < attempts) continue;
      const [first, last] = [batch[0]?.line, batch.at(-1)?.line];
      // It names commands by their place: the first one of the batch is commands[0].
      throw new ImportStopped(
        `lines ${first} to ${last}: ${fault.message}. commands[0] is line ${first}; the same file can be given again`,
      );
    }
  }
}
