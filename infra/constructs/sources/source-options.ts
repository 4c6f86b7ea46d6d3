import { createHash } from 'node:crypto';
import { ofStage } from '../../../core/stage.ts';

/**
 * A topic of a cluster of Amazon MSK in this account and Region, as `<name>/<uuid>`; or of brokers of one's own, with a secret here that
 * has a user and a password (SASL, SCRAM-SHA-512), by its name as it ends the secret's ARN: with six characters behind it.
 */
export type KafkaTopic = { readonly topic: string } & (
  | { readonly cluster: string }
  | { readonly brokers: readonly string[]; readonly secret: string }
);

/** A stream in this account and Region, by its name, and the id of the customer's key that it is encrypted with; `new` for one that the installation makes. */
export type KinesisStream = 'new' | { readonly stream: string; readonly key: string | undefined };

/**
 * What the delivery stream is called that reads it. By a name of its own, others speak of it without an import, which would keep it from being
 * taken away; and by another name for another stream, since CloudFormation makes the next one before it takes the last one away.
 */
export function kinesisDeliveryName(kinesis: KinesisStream, stage: string | undefined): string {
  const of =
    kinesis === 'new' ? 'new' : createHash('sha256').update(kinesis.stream).digest('hex').slice(0, 8);
  return ofStage(`caudal-kinesis-${of}`, stage);
}

/** `topic@<name>/<uuid>` of a cluster, or `topic@host:port,host:port@<name of a secret>`; undefined for anything else. */
export function parseKafka(text: string): KafkaTopic | undefined {
  const [topic = '', source = '', secret, ...more] = text.split('@');
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(topic) || more.length > 0) return undefined;
  if (secret === undefined)
    return /^[\w.-]{1,64}\/[\w-]{1,64}$/.test(source) ? { topic, cluster: source } : undefined;
  const brokers = source.split(',');
  const areBrokers = brokers.length <= 3 && brokers.every((broker) => /^[a-z0-9.-]+:\d{1,5}$/i.test(broker));
  const isSecret = /^[\w/+=.-]{1,512}-\w{6}$/.test(secret);
  return areBrokers && isSecret ? { topic, brokers, secret } : undefined;
}

/** `new`, `stream/<name>` or `stream/<name>@<id of its key>`; undefined for anything else. */
export function parseKinesis(text: string): KinesisStream | undefined {
  if (text === 'new') return text;
  const [, stream, key] = /^stream\/([\w.-]{1,128})(?:@([\w-]{1,128}))?$/.exec(text) ?? [];
  return stream === undefined ? undefined : { stream, key };
}
