import type { Bucket, LifecycleRule } from './bucket.ts';
import type { Multipart } from './multipart.ts';

const dayMs = 86_400_000;

/** Does what the bucket's lifecycle rules ask for at a moment, as S3 does about once a day. */
export async function expire(bucket: Bucket, multipart: Multipart, nowMs: number): Promise<void> {
  for (const rule of bucket.settings.lifecycle ?? []) {
    expireObjects(bucket, rule, nowMs);
    if (rule.abortMultipartDays === undefined) continue;
    await multipart.abortBefore(nowMs - rule.abortMultipartDays * dayMs, rule.prefix ?? '');
  }
}

function expireObjects(bucket: Bucket, rule: LifecycleRule, nowMs: number): void {
  const { prefix = '', expirationDays, noncurrentExpirationDays } = rule;
  const older = (modifiedMs: number, days: number | undefined) =>
    days !== undefined && nowMs - modifiedMs >= days * dayMs;
  const keys: string[] = [];
  for (const key of bucket.keys.after(prefix)) {
    if (!key.startsWith(prefix)) break;
    keys.push(key);
  }
  for (const key of keys) {
    const versions = bucket.versions(key);
    // A version is noncurrent since the one that followed it was written.
    for (const [index, version] of versions.entries()) {
      const next = versions[index - 1];
      if (next !== undefined && older(next.modifiedMs, noncurrentExpirationDays))
        bucket.drop(key, version.versionId);
    }
    const current = bucket.current(key);
    if (current !== undefined && older(current.modifiedMs, expirationDays)) bucket.remove(key);
  }
}
