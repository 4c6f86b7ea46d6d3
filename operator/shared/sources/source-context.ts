import type { MetricReader } from '../../../ports/meter.ts';
import type { OpenInstallation } from '../open-installation.ts';

/** What the checks of the ways in are made with. */
export interface SourceContext {
  readonly found: OpenInstallation;
  readonly metrics: MetricReader;
  readonly nowMs: number;
  /** Of `CaudalSources`. @throws {Error} for one that an older version lacks */
  output(name: string): string;
}
