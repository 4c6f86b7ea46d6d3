import { S3Client } from '@aws-sdk/client-s3';
import { createObjectParts } from './object-parts.ts';

/** Parts of objects with a client that has the environment's settings: to be imported by who may never need it, when it does. */
export const objectParts = createObjectParts(new S3Client({}));
