/** One verb of `npm run caudal -- <verb>`. */
export interface Verb {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** What `--help` prints: usage, options, an example. */
  readonly help: string;
  /**
   * Runs the verb with the arguments behind its name.
   * @returns the exit code: 0 for done, 1 for "it ran and something is wrong", 2 for a call that could not be understood.
   */
  run(argv: string[]): Promise<number>;
}
