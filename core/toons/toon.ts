/** What a toon can be. The caller claims one; the bytes have to agree. */
export const toonTypes = ['image', 'audio', 'video', 'telemetry', 'message', 'binary'] as const;
export type ToonType = (typeof toonTypes)[number];

/** 1 to 64 characters; also the name of the execution, so only what Step Functions takes in a name. */
export const jobIdPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** 1 to 64 characters. */
export const toonIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whose a job is, the `client_id` of a token or the `sub` of a user, as it may stand in an S3 key. */
export const clientIdPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** Toons of one job. */
export const maxToons = 10_000;

/** Bytes of one toon: what `ProcessToon` holds in memory at once. */
export const maxToonBytes = 40 * 1024 * 1024;

/** The caller's own keys: nobody reads another's upload through a job. */
export function uploadPrefix(clientId: string): string {
  return `toons/${clientId}/`;
}

/** Where the bytes of a toon are: a whole object, or the range [start, end) of one, in bytes. */
export interface ToonSource {
  readonly bucket: string;
  readonly key: string;
  readonly start?: number;
  readonly end?: number;
}

/** Free-form labels that travel with a job or a toon and are never interpreted. */
export type Metadata = Readonly<Record<string, string | number | boolean>>;

/** A toon of an accepted job. `dataset` only for telemetry. */
export interface Toon {
  readonly toonId: string;
  readonly type: ToonType;
  readonly source: ToonSource;
  readonly dataset?: string;
  readonly metadata?: Metadata;
}

/**
 * A toon as `ProcessToon` gets it. `progressKey` is the sort key of the item that counts it and `position` its place
 * in the job as text, because a number set of DynamoDB travels as text.
 */
export interface PlannedToon extends Toon {
  readonly jobId: string;
  readonly position: string;
  readonly progressKey: string;
}

/** Toons counted in one progress item: its write stays below 1 KB, one write unit. */
const toonsPerProgressItem = 100;

/**
 * Plans the toons of a job, in their order. Neighbours are counted in different items, because neighbours are
 * processed at the same time and an item takes about 1,000 writes a second.
 */
export function planToons(jobId: string, toons: readonly Toon[]): PlannedToon[] {
  const items = Math.ceil(toons.length / toonsPerProgressItem);
  return toons.map((toon, index) => ({
    ...toon,
    jobId,
    position: String(index),
    progressKey: `progress#${String(index % items).padStart(3, '0')}`,
  }));
}
