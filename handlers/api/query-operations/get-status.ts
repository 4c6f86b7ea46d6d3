import type { Clock } from '../../../ports/clock.ts';
import { usualBounds } from '../../operations/status/data-lines.ts';
import { statusLines } from '../../operations/status/status-lines.ts';
import { type StatusPorts, statusReport } from '../../operations/status/status-report.ts';
import type { AnswerOf } from '../contract/routes.ts';

/** What the sets are given to be looked at; the page of those who ask is waiting. */
const dataMs = 15_000;

/** What is wrong first. */
const order = ['fault', 'attention', 'unknown', 'ok'] as const;

/** `GET /status`: every line of `caudal status`, judged by its usual bounds. */
export async function getStatus(
  ports: StatusPorts,
  clock: Pick<Clock, 'nowMs' | 'pause'>,
): Promise<AnswerOf<'getStatus'>> {
  const told = new AbortController();
  try {
    const report = await statusReport(ports, {
      nowMs: clock.nowMs(),
      dataIn: clock.pause(dataMs, told.signal),
    });
    const lines = statusLines(report, usualBounds).map(({ command, see, ...line }) => ({
      ...line,
      ...(line.state === 'ok' || command === undefined ? {} : { command }),
      ...(line.state === 'ok' || see === undefined ? {} : { see }),
      figures: { ...line.figures },
      about: [...line.about],
    }));
    lines.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
    return { at: report.at, state: lines[0]?.state ?? 'ok', lines };
  } finally {
    told.abort();
  }
}
