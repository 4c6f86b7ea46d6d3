/* Texts of the configuration, and what they mean: each is undefined, or false, for what is no such text. */

/** Ids of a VPC that is not the installation's own. */
export interface ExistingVpc {
  readonly vpcId: string;
  /** In two zones or more. */
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
}

/** A dataset that has new readings at least so often. */
export interface StaleAfter {
  readonly dataset: string;
  readonly minutes: number;
}

/** Whether SNS posts to the address: https, on a host that others reach too; credentials in it would be in the template. */
export function isWebhook(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash } = new URL(text);
  const isPlain = username === '' && password === '' && hash === '';
  return protocol === 'https:' && isPlain && !isThisMachine.has(hostname);
}

/** `a=60, b=1440` as datasets and minutes, 10 to 1,440 (a day: CloudWatch looks no further back); undefined for anything else. */
export function parseStaleAfter(text: string): StaleAfter[] | undefined {
  const entries = text.split(',').map((entry) => /^\s*([a-z0-9-]+)=(\d{2,4})\s*$/.exec(entry));
  const found = entries.flatMap((match) => {
    const minutes = Number(match?.[2]);
    return minutes >= 10 && minutes <= 1440 ? [{ dataset: match?.[1] ?? '', minutes }] : [];
  });
  const names = new Set(found.map(({ dataset }) => dataset));
  return found.length === entries.length && names.size === found.length ? found : undefined;
}

/** Targets of a rule of EventBridge, at most. */
export const maxReports = 5;

/** `a, b` as names of up to five datasets, each once; undefined for anything else. */
export function parseNames(text: string): string[] | undefined {
  const names = text.split(',').map((name) => name.trim());
  return names.length <= maxReports &&
    new Set(names).size === names.length &&
    names.every((name) => /^[a-z0-9-]{1,64}$/.test(name))
    ? names
    : undefined;
}

/** Ids of EC2 have 8 or 17 digits. */
const ec2Id = '(?:[0-9a-f]{8}|[0-9a-f]{17})';

/** `vpc-…/subnet-…,subnet-…/sg-…`, each subnet once; undefined for anything else. */
export function parseVpc(text: string): ExistingVpc | undefined {
  const match = new RegExp(`^(vpc-${ec2Id})/(subnet-${ec2Id}(?:,subnet-${ec2Id}){1,5})/(sg-${ec2Id})$`).exec(
    text,
  );
  const [, vpcId = '', subnets = '', securityGroupId = ''] = match ?? [];
  const subnetIds = subnets.split(',');
  return match === null || new Set(subnetIds).size < subnetIds.length
    ? undefined
    : { vpcId, subnetIds, securityGroupId };
}

/** Two words of a kind with a comma between, and different ones; undefined for anything else. */
export function parseTwo(text: string, kind: RegExp): string[] | undefined {
  const words = text.split(',').map((word) => word.trim());
  return words.length === 2 && words[0] !== words[1] && words.every((word) => kind.test(word))
    ? words
    : undefined;
}
export const prefixList = new RegExp(`^pl-${ec2Id}$`);
export const zone = /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/;

/** Whether a browser would send the text as an origin: https, or http on this machine, for who develops a page. */
export function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname } = new URL(text);
  return origin === text && (protocol === 'https:' || (protocol === 'http:' && isThisMachine.has(hostname)));
}
const isThisMachine: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export const emailPattern = /^[^\s@<>(),:;"\\]+@[^\s@<>(),:;"\\]+\.[^\s@<>(),:;"\\]+$/;
// Cognito's own rule; it also refuses the reserved words below.
export const domainPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
