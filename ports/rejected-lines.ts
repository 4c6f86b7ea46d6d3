import type { RejectReason } from '../core/dataset/reading.ts';

/** A rejected line with where it stands: one line of the rejects file, in these words. */
export interface RejectedLine {
  bucket: string;
  key: string;
  versionId: string;
  /** From 1. */
  line: number;
  reason: RejectReason;
  detail: string;
  text: string;
  /** The line has more than `text`. */
  textTruncated?: true;
}

/** The dataset that a rejected line is meant for, as far as it or its object's folder says; `undefined` where neither does. */
export function datasetMeant({ key, text }: Pick<RejectedLine, 'key' | 'text'>): string | undefined {
  return datasetOfFolder(key) ?? datasetNamed(text);
}

/** The dataset that a folder of uploads is for. */
export function datasetOfFolder(key: string): string | undefined {
  const [folder, dataset, file] = key.split('/');
  return folder === 'landing' && file !== undefined && dataset !== '' ? dataset : undefined;
}

/** The dataset that a line names. */
export function datasetNamed(text: string): string | undefined {
  if (text.length < 10) return undefined; // `"dataset"` alone has nine
  const named = /"dataset"\s*:\s*"([^"\\]*)"/.exec(text); // the line need not be JSON to the end
  return named?.[1] || undefined;
}

/**
 * What is kept of one segment's rejects: so many lines, and characters of their texts and details. An object holds what several senders
 * sent, and one of them alone can fill it with 30 million lines that are none: each of them is counted, by reason and dataset, and costs the
 * time of a glance. The text of all of them is in the raw object.
 */
export const keptRejects = { lines: 100_000, characters: 16 * 1024 * 1024 };

/** Reads the rejected lines of a segment, in their order, one at a time. @param key as its ledger has it */
export type RejectsReader = (key: string) => AsyncIterable<RejectedLine>;
