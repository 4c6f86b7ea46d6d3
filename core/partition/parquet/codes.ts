/** Parquet's numbers for what is used of it. */
export const physicalTypes = { int32: 1, int64: 2, double: 5, byteArray: 6 } as const;
export const convertedTypes = { utf8: 0, timestampMillis: 9 } as const;
export const repetitions = { required: 0, optional: 1 } as const;
export const encodings = { plain: 0, rle: 3, deltaBinaryPacked: 5, rleDictionary: 8 } as const;
export const pageTypes = { data: 0, dictionary: 2 } as const;
export const uncompressed = 0;
