import type { Json } from './definition.ts';
import type { ChildRecord, MapRunRecord } from './map-record.ts';

/** One object of a map run's results. */
export interface ResultObject {
  key: string;
  body: string;
}

/** Entries of a result file; AWS splits at 5 GB, this keeps a file well below the longest string. */
const entriesPerFile = 50_000;

/**
 * What ResultWriter writes for a map run, the manifest last: `<prefix>/<run>/SUCCEEDED_n.json`, `FAILED_n.json`,
 * `PENDING_n.json` and `manifest.json`, in the format of AWS.
 */
export function resultObjects(options: {
  record: MapRunRecord;
  bucket: string;
  prefix: string;
  express: boolean;
  childArn(name: string): string;
  /** The input of each item; a child that never started has one too. */
  inputs: readonly Json[];
}): { objects: ResultObject[]; manifestKey: string } {
  const { record, bucket, inputs } = options;
  const run = record.start.mapRunArn.split(':').at(-1);
  const folder = `${options.prefix === '' ? '' : `${options.prefix.replace(/\/$/, '')}/`}${run}`;
  const files: Record<'SUCCEEDED' | 'FAILED' | 'PENDING', object[]> = {
    SUCCEEDED: [],
    FAILED: [],
    PENDING: [],
  };
  for (const [index, input] of inputs.entries()) {
    const child = record.children.get(index);
    const common = {
      Input: JSON.stringify(input),
      InputDetails: { Included: true },
      StateMachineArn: record.start.stateMachineArn,
    };
    if (!child) files.PENDING.push({ ...common, Status: 'PENDING' });
    else {
      files[child.status === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED'].push({
        ExecutionArn: options.childArn(child.name),
        ...common,
        ...entryOf(child, options.express),
      });
    }
  }
  const objects: ResultObject[] = [];
  const listed: Record<string, { Key: string; Size: number }[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  for (const [status, entries] of Object.entries(files)) {
    for (let start = 0; start < entries.length; start += entriesPerFile) {
      const key = `${folder}/${status}_${start / entriesPerFile}.json`;
      const body = JSON.stringify(entries.slice(start, start + entriesPerFile));
      objects.push({ key, body });
      listed[status]?.push({ Key: key, Size: Buffer.byteLength(body) });
    }
  }
  const manifestKey = `${folder}/manifest.json`;
  const manifest = {
    DestinationBucket: bucket,
    MapRunArn: record.start.mapRunArn,
    ResultFiles: listed,
  };
  objects.push({ key: manifestKey, body: JSON.stringify(manifest) });
  return { objects, manifestKey };
}

function entryOf(child: ChildRecord, express: boolean): object {
  const result =
    child.status === 'SUCCEEDED'
      ? { Output: JSON.stringify(child.output), OutputDetails: { Included: true } }
      : { ...(child.error && { Error: child.error }), ...(child.cause && { Cause: child.cause }) };
  const redrivable = !express && child.status !== 'SUCCEEDED';
  return {
    Name: child.name,
    ...result,
    RedriveCount: 0,
    RedriveStatus: redrivable ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(redrivable ? {} : { RedriveStatusReason: `Execution is ${child.status} and cannot be redriven` }),
    StartDate: new Date(child.startMs).toISOString(),
    Status: child.status,
    StopDate: new Date(child.stopMs).toISOString(),
  };
}
