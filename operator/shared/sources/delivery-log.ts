import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { DeliveryStreamDescription } from '@aws-sdk/client-firehose';
import { nameOf } from '../../../adapters/store-faults.ts';
import type { ClientSettings } from '../../../cli/connection.ts';

/** How long what was refused is news: Firehose tries again, and writes a line each time. */
const newsMs = 15 * 60_000;

/** What Firehose last wrote to a delivery stream's log of errors, `S3.AccessDenied: …`, within the last quarter of an hour; undefined where it wrote nothing. */
export async function recentDeliveryError(
  settings: ClientSettings,
  stream: DeliveryStreamDescription | undefined,
  nowMs: number,
): Promise<string | undefined> {
  const logging = stream?.Destinations?.[0]?.ExtendedS3DestinationDescription?.CloudWatchLoggingOptions;
  if (!logging?.Enabled || !logging.LogGroupName || !logging.LogStreamName) return undefined;
  try {
    const { events = [] } = await new CloudWatchLogsClient(settings).send(
      new GetLogEventsCommand({
        logGroupName: logging.LogGroupName,
        logStreamName: logging.LogStreamName,
        startTime: nowMs - newsMs,
        startFromHead: false,
        limit: 1,
      }),
    );
    const text = events.at(-1)?.message;
    return text === undefined ? undefined : worded(text);
  } catch (fault) {
    if (nameOf(fault) === 'ResourceNotFoundException') return undefined; // nothing was ever written
    throw fault;
  }
}

function worded(line: string): string {
  try {
    const { errorCode, message } = JSON.parse(line) as { errorCode?: string; message?: string };
    return [errorCode, message].filter(Boolean).join(': ') || line;
  } catch {
    return line;
  }
}
