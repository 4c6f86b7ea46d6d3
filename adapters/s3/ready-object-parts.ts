import { S3Client } from '@aws-sdk/client-s3';
import type { RejectsReader } from '../../ports/rejected-lines.ts';
import { createObjectParts } from './object-parts.ts';
import { createRejectsReader } from './rejects-files.ts';
import { createVersionLister } from './segments.ts';

/** With a client that has the environment's settings: to be imported by who may never need it, when it does. */
const s3 = new S3Client({});

export const objectParts = createObjectParts(s3);
export const versions = createVersionLister(s3);
export const rejectsIn = (bucket: string): RejectsReader => createRejectsReader(s3, bucket);
