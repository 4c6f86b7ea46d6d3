import type { FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';

/** One line that a function wrote about an execution. */
export interface LogLine {
  /** UTC, ISO 8601. */
  readonly at: string;
  readonly level: string;
  /** The function: the part of its log group's name that is Caudal's own. */
  readonly from: string;
  readonly message: string;
  /** All other members that it wrote. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Members that say the same in each line, or what is in the line already. */
const told = new Set([
  ...['timestamp', 'level', 'message', 'correlation_id', 'service', 'sampling_rate', 'xray_trace_id'],
  ...['cold_start', 'function_arn', 'function_memory_size', 'function_name', 'function_request_id'],
]);

/**
 * Lines about an execution, oldest first. CloudWatch finds terms: a line that has the id only within another text (a metric, a line of
 * Lambda itself, another execution's) is left out.
 */
export function logLines(
  events: readonly { readonly group: string; readonly event: FilteredLogEvent }[],
  id: string,
): LogLine[] {
  return events
    .flatMap(({ group, event }): LogLine[] => {
      const written = parsed(event.message ?? '');
      if (written?.correlation_id !== id) return [];
      const fields = Object.fromEntries(Object.entries(written).filter(([name]) => !told.has(name)));
      return [
        {
          at: new Date(event.timestamp ?? 0).toISOString(),
          level: String(written.level ?? ''),
          from: functionOf(group),
          message: String(written.message ?? ''),
          fields,
        },
      ];
    })
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** `CaudalIngest-FunctionsValidateSegmentLogs4F2A-x9` → `ValidateSegment` */
export function functionOf(group: string): string {
  return /^Caudal\w+?(?:-[a-z][a-z0-9-]*?)?-(?:\w*?Functions)?(\w+?)Logs/.exec(group)?.[1] ?? group;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // Lambda's own lines are text
  }
}

/** As a person reads them. */
export function logText(lines: readonly LogLine[]): string {
  return lines
    .map(({ at, level, from, message, fields }) => {
      const rest = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`);
      return [`${at}  ${level.padEnd(5)} ${from.padEnd(15)} ${message}`, ...rest].join('  ');
    })
    .join('\n');
}

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};
