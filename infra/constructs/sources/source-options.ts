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
  if (!/^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/.test(topic) || more.length > 0) return undefined;
  if (secret === undefined) return isCluster.test(source) ? { topic, cluster: source } : undefined;
  const brokers = source.split(',');
  const areBrokers =
    brokers.length <= 3 && new Set(brokers).size === brokers.length && brokers.every(isBroker);
  const isSecret = /^[\w/+=.-]{1,512}-\w{6}$/.test(secret);
  return areBrokers && isSecret ? { topic, brokers, secret } : undefined;
}

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** As the ARN of a cluster of MSK ends: behind the UUID is a number, of a serverless one with an s. */
const isCluster = new RegExp(`^[\\w.-]{1,64}/${uuid}-s?\\d{1,3}$`);
/** Of a key that is in several Regions the id is no UUID. */
const isKeyId = new RegExp(`^(?:${uuid}|mrk-[0-9a-f]{32})$`);

function isBroker(text: string): boolean {
  const [, port] = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?:([1-9]\d{0,4})$/i.exec(text) ?? [];
  return port !== undefined && Number(port) <= 65_535;
}

/** `new`, `stream/<name>` or `stream/<name>@<id of its key>`; undefined for anything else. */
export function parseKinesis(text: string): KinesisStream | undefined {
  if (text === 'new') return text;
  const [, stream, key] = /^stream\/([\w.-]{1,128})(?:@(.+))?$/.exec(text) ?? [];
  return stream === undefined || (key !== undefined && !isKeyId.test(key)) ? undefined : { stream, key };
}
