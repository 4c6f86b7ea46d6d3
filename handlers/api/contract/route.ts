import type * as z from 'zod/mini';
import type { BodyRules } from '../http/body.ts';
import type { ProblemKind } from '../http/problem.ts';
import type { HttpRoute } from '../http/router.ts';

/**
 * One route of the API, declared once: its function answers it by this, `infra/` makes its resource, scope and integration of
 * this, and `/openapi.json` describes it by this.
 */
export interface Route extends HttpRoute {
  readonly tag: keyof typeof tags;
  readonly summary: string;
  readonly description?: string;
  readonly body?: BodyRules & {
    /** Of a JSON body; `readings` are those of any dataset, as JSON or NDJSON. */
    readonly schema: z.core.$ZodType | 'readings';
  };
  /** The same request sent again is answered with 200 and the result of the first one. */
  readonly repeatable?: boolean;
  /** Beside those that follow from the parameters, the body, the media types and the scope. */
  readonly problems: readonly ProblemKind[];
}

/** The routes of one subject, by the names of their operations. */
export type Routes = Readonly<Record<string, Route>>;

/** Groups of the documentation. */
export const tags = {
  service: 'The service itself; public',
  'water temperature': 'Three questions about a month of the dataset water-temperature',
  datasets: 'Datasets, and the statistics and alerts of their readings',
  readings: 'Readings over HTTP',
  uploads: 'Files that are looked at before they land; for operators',
  jobs: 'Ingestions, and batches of toons',
  streams: 'Decisions with invariants: commands, events, and the notification logs',
  operations: 'How the installation does, and what failed',
} as const;
