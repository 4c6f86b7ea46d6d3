import * as z from 'zod';
import { InvalidInput, StagingMissing } from '../../ports/faults.ts';
import { addressOf, fromJsonBytes, type ObjectReader } from '../../ports/objects.ts';

/** `ResultWriterDetails` of a Distributed Map: where its `manifest.json` is. */
export interface MapResults {
  Bucket: string;
  Key: string;
}

/**
 * What a Distributed Map's ResultWriter leaves: `manifest.json` names files of results, each an array of child executions,
 * whose `Input` and `Output` are JSON in a string. A child that failed or ran out of time has `Error` and `Cause` for an output.
 */
const files = z.array(z.object({ Key: z.string() })).default([]);
const manifestShape = z.object({
  DestinationBucket: z.string(),
  ResultFiles: z.object({ SUCCEEDED: files, FAILED: files, PENDING: files }),
});
const childrenShape = z.array(
  z.object({
    Input: z.string().optional(),
    Output: z.string().optional(),
    Status: z.string().optional(),
    Error: z.string().optional(),
    Cause: z.string().optional(),
  }),
);

type Location = { bucket: string; key: string };

/** One child execution of a map, as its results have it. */
export interface MapChild {
  /** Its item, if that is of this shape. @throws {InvalidInput} when it is not */
  input<Shape extends z.ZodType>(shape: Shape): z.infer<Shape> | undefined;
  /** What it returned; `undefined` where it did not succeed. @throws {InvalidInput} when it is not of this shape */
  output<Shape extends z.ZodType>(shape: Shape): z.infer<Shape> | undefined;
  /** Of one that did not succeed: what Step Functions says of it, where it says nothing the status, such as `TIMED_OUT`. */
  error: string;
  cause: string;
}

/**
 * The children of a map, in the order of its files.
 * @throws {StagingMissing} {InvalidInput} when the files are not there, or not what Step Functions writes
 */
export async function* readMapResults(
  objects: ObjectReader,
  { Bucket, Key }: MapResults,
): AsyncGenerator<MapChild> {
  const manifest = await readJson(objects, { bucket: Bucket, key: Key }, manifestShape);
  const { SUCCEEDED, FAILED, PENDING } = manifest.ResultFiles;
  for (const { Key: key } of [...SUCCEEDED, ...FAILED, ...PENDING]) {
    const location = { bucket: manifest.DestinationBucket, key };
    for (const child of await readJson(objects, location, childrenShape)) {
      yield {
        input: (shape) => parse(child.Input, shape, location),
        output: (shape) => parse(child.Output, shape, location),
        error: child.Error ?? child.Status ?? 'Unfinished',
        cause: child.Cause ?? '',
      };
    }
  }
}

async function readJson<Shape extends z.ZodType>(
  objects: ObjectReader,
  location: Location,
  shape: Shape,
): Promise<z.infer<Shape>> {
  const stored = await objects.read(location);
  if (stored === undefined) throw new StagingMissing(addressOf(location));
  return check(fromJsonBytes(stored.bytes), shape, location);
}

const parse = <Shape extends z.ZodType>(
  text: string | undefined,
  shape: Shape,
  location: Location,
): z.infer<Shape> | undefined => (text === undefined ? undefined : check(JSON.parse(text), shape, location));

function check<Shape extends z.ZodType>(value: unknown, shape: Shape, location: Location): z.infer<Shape> {
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new InvalidInput(`${addressOf(location)}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
