import { createHash } from 'node:crypto';

/** Letters of Java's DateTimeFormatter that prefixes use; always UTC. */
const letters: Record<string, (at: Date) => string> = {
  yyyy: (at) => String(at.getUTCFullYear()).padStart(4, '0'),
  yy: (at) => pad(at.getUTCFullYear() % 100),
  MM: (at) => pad(at.getUTCMonth() + 1),
  M: (at) => String(at.getUTCMonth() + 1),
  dd: (at) => pad(at.getUTCDate()),
  d: (at) => String(at.getUTCDate()),
  HH: (at) => pad(at.getUTCHours()),
  H: (at) => String(at.getUTCHours()),
  mm: (at) => pad(at.getUTCMinutes()),
  ss: (at) => pad(at.getUTCSeconds()),
  SSS: (at) => String(at.getUTCMilliseconds()).padStart(3, '0'),
};

function pad(number: number): string {
  return String(number).padStart(2, '0');
}

/** A date in a DateTimeFormatter pattern. Throws for a letter that is not supported, naming it. */
function formatUtc(pattern: string, at: Date): string {
  return pattern.replace(/'([^']*)'|([A-Za-z])\2*/g, (run, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted;
    const write = letters[run];
    if (write === undefined) throw new Error(`Prefix pattern letter not supported: ${run}`);
    return write(at);
  });
}

export interface PrefixValues {
  at: Date;
  /** The random string follows from it, so that the key of a buffer is the same at each try. */
  id: string;
  /** Only in an error prefix. */
  errorOutputType?: string;
}

/**
 * Expands `!{timestamp:…}`, `!{firehose:random-string}` and `!{firehose:error-output-type}`. As Firehose does, a prefix
 * without a timestamp expression gets `yyyy/MM/dd/HH/` behind it. Throws for other namespaces, naming them.
 */
export function expandPrefix(prefix: string, { at, id, errorOutputType }: PrefixValues): string {
  const whole = prefix.includes('!{timestamp:') ? prefix : `${prefix}!{timestamp:yyyy/MM/dd/HH/}`;
  return whole.replace(/!\{([^:}]+):([^}]*)\}/g, (expression, namespace: string, value: string) => {
    if (namespace === 'timestamp') return formatUtc(value, at);
    if (namespace === 'firehose' && value === 'random-string') {
      return createHash('sha256').update(id).digest('base64url').slice(0, 11);
    }
    if (namespace === 'firehose' && value === 'error-output-type' && errorOutputType !== undefined) {
      return errorOutputType;
    }
    throw new Error(`Prefix expression not supported: ${expression}`);
  });
}

/** `<stream>-1-yyyy-MM-dd-HH-mm-ss-<id>` and the extension, as Firehose names its objects. */
export function objectName(stream: string, at: Date, id: string, extension: string): string {
  return `${stream}-1-${formatUtc('yyyy-MM-dd-HH-mm-ss', at)}-${id}${extension}`;
}
