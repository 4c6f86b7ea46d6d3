/**
 * A stage: one of several installations in an account and Region, such as `sandbox`. Its name ends every name that would otherwise be
 * the same in all of them: stacks, delivery stream, state machines, log groups, alarms, domain of the token endpoint.
 */
const stagePattern = /^[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?$/;

/** Words that Cognito refuses in a domain, of which the stage becomes a part. */
export const reservedDomainWords = ['aws', 'amazon', 'cognito'];

/** What {@link isStage} takes, in words. Twenty: with it the longest of the names is far below its limit, 63 for a domain. */
export const acceptedStage =
  '1 to 20 of a-z, 0-9 and -, the first one a letter and the last one no -, without aws, amazon or cognito';

export const isStage = (text: string): boolean =>
  stagePattern.test(text) && !reservedDomainWords.some((word) => text.includes(word));

/**
 * A name as a stage has it: `caudal-readings` is `caudal-readings-sandbox`. Behind the name and not within it, so that no stage's name
 * reads as another name: a stage `job` would make `caudal-job-dead-letters` of `caudal-dead-letters`.
 * @param stage undefined for the installation without one, whose names are as they are
 */
export const ofStage = (name: string, stage: string | undefined): string =>
  stage === undefined ? name : `${name}-${stage}`;
