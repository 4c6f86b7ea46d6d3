/** Faults of the jobs of toons, by the names that `state-machines/job.asl.json` knows. */

/** An execution runs for a job that nobody submitted. Never retried. */
export class JobMissing extends Error {
  override readonly name = 'JobMissing';
}

/** The map has ended and some toons have no record: the job can't say what became of them. Never retried. */
export class ToonsUnrecorded extends Error {
  override readonly name = 'ToonsUnrecorded';
}
