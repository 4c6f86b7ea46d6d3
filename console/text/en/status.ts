import { counted } from '../counted.ts';

type Figures = Readonly<Record<string, string>>;

/** What is wrong with the installation, in English. Figures are written as the page's language writes numbers. */
export const status = {
  title: 'Status',
  well: (lines: number) => `All is well: ${counted(lines, 'thing was', 'things were')} looked at.`,
  states: { fault: 'somebody is needed', attention: 'to be looked at', unknown: 'not known', ok: 'well' },
  more: (more: string) => `and ${more} more`,
  look: 'Look',
  run: 'To run:',
  see: 'See',
  lines: {
    delivery: ({ status }: Figures) => `The delivery stream is ${status}: it takes no readings.`,
    undeliverable: ({ objects }: Figures) =>
      `${counted(objects ?? 0, 'object', 'objects')} of records could not be delivered.`,
    queue: ({ waiting }: Figures) => `${counted(waiting ?? 0, 'object waits', 'objects wait')} for too long.`,
    pipe: ({ state = 'not there' }: Figures) => `The pipe that starts ingestions is ${state}.`,
    'dead-letters': ({ ingest, jobs, events }: Figures) =>
      `Messages were given up: about objects ${ingest}, about jobs ${jobs}, events ${events}.`,
    executions: ({ open }: Figures) =>
      `${counted(open ?? 0, 'execution', 'executions')} failed, and nothing has fixed it.`,
    objects: ({ objects }: Figures) =>
      `${counted(objects ?? 0, 'object was', 'objects were')} not validated.`,
    gone: ({ objects }: Figures) =>
      `${counted(objects ?? 0, 'object was', 'objects were')} deleted before ingestion; nothing of that counts.`,
    refused: ({ files }: Figures) =>
      `${counted(files ?? 0, 'file', 'files')} of the last day, of which nothing is taken.`,
    alerts: ({ pending }: Figures) =>
      `${counted(pending ?? 0, 'alert waits', 'alerts wait')} to be sent for too long.`,
    jobs: ({ failed }: Figures) => `${counted(failed ?? 0, 'job', 'jobs')} of toons failed in the last day.`,
    rejected: ({ rejectedLastDay, linesLastDay }: Figures) =>
      `Rejected in the last day: ${rejectedLastDay} of ${counted(linesLastDay ?? 0, 'line', 'lines')}.`,
    dropped: ({ values }: Figures) => `Values of the last day that were dropped: ${values}.`,
    contested: ({ readings, series }: Figures) =>
      `${counted(readings ?? 0, 'reading is', 'readings are')} contested, of ${series} series.`,
    ahead: ({ far }: Figures) => `${counted(far ?? 0, 'series has', 'series have')} readings ahead of now.`,
    relay: ({ pending, rule }: Figures) =>
      `${counted(pending ?? 0, 'commit is', 'commits are')} in no notification log yet; the rule of the relay is ${rule}.`,
    silent: ({ series }: Figures) => `${counted(series ?? 0, 'series is', 'series are')} silent.`,
    projections: ({ projections }: Figures) =>
      `${counted(projections ?? 0, 'projection has', 'projections have')} no answer: events are not folded by the version that is declared.`,
  },
};
