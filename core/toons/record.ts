import type { Metadata, ToonType } from './toon.ts';

/** Why a toon failed. All but `internal-error` are the toon's own doing: the same bytes fail again. */
export const failureReasons = [
  'not-found',
  'too-large',
  'empty',
  'type-mismatch',
  'unsupported-format',
  'corrupt',
  'truncated',
  'lying-length',
  'too-many-pixels',
  'decompression-bomb',
  'too-slow',
  'unknown-dataset',
  'no-valid-readings',
  'not-utf8',
  'internal-error',
] as const;
export type FailureReason = (typeof failureReasons)[number];

/** Width and height are as displayed (after the EXIF orientation), in pixels; the thumbnail's key is in the toons bucket. */
interface ImageResult {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly thumbnail: {
    readonly key: string;
    readonly width: number;
    readonly height: number;
    readonly bytes: number;
  };
}

/** What the header tells; what it does not tell is left out. */
export interface MediaResult {
  readonly container: string;
  readonly codec?: string;
  readonly durationSeconds?: number;
  readonly sampleRateHz?: number;
  readonly channels?: number;
  readonly width?: number;
  readonly height?: number;
}

/** `lines` = `readings` + all of `rejected`. Times are ISO 8601, UTC. */
interface TelemetryResult {
  readonly dataset: string;
  readonly lines: number;
  readonly readings: number;
  readonly series: number;
  readonly from: string;
  readonly to: string;
  readonly rejected: Readonly<Record<string, number>>;
  readonly measures: Readonly<
    Record<string, { readonly count: number; readonly min: number; readonly max: number }>
  >;
}

/** `schema` is a JSON Schema inferred from the message when it is JSON; a text has only its size. */
interface MessageResult {
  readonly format: 'json' | 'text';
  readonly characters: number;
  readonly lines: number;
  readonly schema?: JsonShape;
}

/** A small subset of JSON Schema: what describes a JSON message. */
export interface JsonShape {
  readonly type: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonShape>>;
  readonly items?: JsonShape;
}

/** `detectedType` is a media type, `application/octet-stream` where the bytes tell nothing. */
interface BinaryResult {
  readonly detectedType: string;
  readonly extension?: string;
}

type ToonResult = ImageResult | MediaResult | TelemetryResult | MessageResult | BinaryResult;

/** What processing found: data either way. `failed` is never retried. */
export type Outcome = { readonly kind: 'completed'; readonly result: ToonResult } | Failure;

export interface Failure {
  readonly kind: 'failed';
  readonly reason: FailureReason;
  readonly detail: string;
}

/** The record of one toon, in the Jobs table under `toon#<toonId>`; written once. */
export interface ToonRecord {
  readonly toonId: string;
  readonly type: ToonType;
  readonly state: 'Completed' | 'Failed';
  /** Lower case hex; absent when the bytes could not be read. */
  readonly sha256?: string;
  readonly bytes?: number;
  readonly result?: ToonResult;
  readonly reason?: FailureReason;
  readonly detail?: string;
  /** Time that the processing took, without waiting, in ms. */
  readonly durationMs: number;
  readonly processedAt: string;
  readonly metadata?: Metadata;
}

/** The failed outcome; `detail` is cut to 500 characters, because texts of the input end up in it. */
export function failed(reason: FailureReason, detail: string): Failure {
  return { kind: 'failed', reason, detail: detail.length > 500 ? `${detail.slice(0, 499)}…` : detail };
}
