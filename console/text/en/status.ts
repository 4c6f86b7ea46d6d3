type Figures = Readonly<Record<string, string>>;

/** What is wrong with the installation, in English. Figures are written as the page's language writes numbers. */
export const status = {
  title: 'Status',
  well: (lines: number) => `All is well: ${lines} things were looked at.`,
  states: { fault: 'somebody is needed', attention: 'to be looked at', unknown: 'not known', ok: 'well' },
  more: (more: string) => `and ${more} more`,
  look: 'Look',
  run: 'To run:',
  see: 'See',
  lines: {
    delivery: ({ status }: Figures) => `The delivery stream is ${status}: it takes no readings.`,
    undeliverable: ({ objects }: Figures) => `${objects} objects of records could not be delivered.`,
    queue: ({ waiting }: Figures) => `${waiting} objects wait for longer than they should.`,
    pipe: ({ state = 'not there' }: Figures) => `The pipe that starts ingestions is ${state}.`,
    'dead-letters': ({ ingest, jobs, events }: Figures) =>
      `Messages were given up: ${ingest} about objects, ${jobs} about jobs, ${events} events.`,
    executions: ({ open }: Figures) => `${open} executions failed, and nothing has fixed it.`,
    objects: ({ objects }: Figures) => `${objects} objects were not validated.`,
    gone: ({ objects }: Figures) =>
      `${objects} objects were deleted before they were ingested; nothing of them counts.`,
    refused: ({ files }: Figures) => `${files} files of the last day, of which nothing is taken.`,
    alerts: ({ pending }: Figures) => `${pending} alerts wait to be sent for too long.`,
    jobs: ({ failed }: Figures) => `${failed} jobs of toons failed in the last day.`,
    rejected: ({ rejectedLastDay, linesLastDay }: Figures) =>
      `${rejectedLastDay} of ${linesLastDay} lines of the last day were rejected.`,
    dropped: ({ values }: Figures) => `${values} values of the last day were dropped.`,
    contested: ({ readings, series }: Figures) => `${readings} readings of ${series} series are contested.`,
    ahead: ({ far }: Figures) => `${far} series have readings ahead of now.`,
    relay: ({ pending, rule }: Figures) =>
      `${pending} commits are in no notification log yet; the rule of the relay is ${rule}.`,
    silent: ({ series }: Figures) => `${series} series are silent.`,
    projections: ({ projections }: Figures) =>
      `${projections} projections have no answer: their events are not folded by the version that is declared.`,
  },
};
