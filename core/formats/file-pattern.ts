/** A file's name as a pattern takes it, and the sensor that it names there. */
export interface FileMatch {
  /** What stood for `{sensorId}`; `undefined` where the pattern has none. */
  readonly sensorId: string | undefined;
}

const placeholder = '{sensorId}';
const expressions = new Map<string, RegExp>();

/** What is wrong with a pattern, as a text of what is accepted; `undefined` when it is sound. */
export function checkFilePattern(pattern: unknown): string | undefined {
  const accepted =
    'a file name such as *.dat, or one with its folders such as masts/{sensorId}/daily-*.txt; * for any characters, ? for one, {sensorId} once';
  if (typeof pattern !== 'string' || pattern === '' || pattern.length > 256) return accepted;
  const rest = pattern.replace(placeholder, 'x');
  return /[{}\\]|^\/|\/$|\/\//.test(rest) || /\.gz$/i.test(pattern) ? accepted : undefined;
}

/**
 * Whether a pattern takes a file.
 * @param path below the dataset's folder in `landing/`, decoded, without `.gz`. A pattern without a slash is about its last part alone
 */
export function matchFile(pattern: string, path: string): FileMatch | undefined {
  let expression = expressions.get(pattern);
  if (expression === undefined) {
    const source = pattern
      .split(/(\{sensorId\}|\*|\?)/)
      .map((piece) => {
        if (piece === placeholder) return '(?<sensorId>[^/]+?)';
        if (piece === '*') return '[^/]*';
        return piece === '?' ? '[^/]' : piece.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
      })
      .join('');
    expression = new RegExp(`^${source}$`, 'iu');
    expressions.set(pattern, expression);
  }
  const subject = pattern.includes('/') ? path : path.slice(path.lastIndexOf('/') + 1);
  const found = expression.exec(subject);
  return found ? { sensorId: found.groups?.sensorId } : undefined;
}
