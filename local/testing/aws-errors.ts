import { AwsError } from '../engine/calls.ts';

/** [code, HTTP status] that a service answers when it throttles or fails itself. */
const refusals: Record<string, readonly (readonly [code: string, status: number])[]> = {
  s3: [
    ['SlowDown', 503],
    ['InternalError', 500],
    ['ServiceUnavailable', 503],
  ],
  dynamodb: [
    ['ThrottlingException', 400],
    ['ProvisionedThroughputExceededException', 400],
    ['InternalServerError', 500],
  ],
  sns: [
    ['Throttling', 400],
    ['InternalError', 500],
  ],
  lambda: [
    ['TooManyRequestsException', 429],
    ['ServiceException', 500],
  ],
  events: [
    ['ThrottlingException', 400],
    ['InternalException', 500],
  ],
  firehose: [
    ['ServiceUnavailableException', 503],
    ['ThrottlingException', 400],
  ],
  states: [['ThrottlingException', 400]],
};
const common = [['ThrottlingException', 400]] as const;

/** After the effect nobody throttles any more: the service broke while it answered. */
const broken: Record<string, readonly [code: string, status: number]> = {
  s3: ['InternalError', 500],
  dynamodb: ['InternalServerError', 500],
  sns: ['InternalError', 500],
  lambda: ['ServiceException', 500],
  events: ['InternalException', 500],
  firehose: ['ServiceUnavailableException', 503],
};

/** An error that the service really gives and that clients and state machines retry. `chance` in [0, 1) chooses. */
export function passingError(service: string, when: 'before' | 'after', chance: number): AwsError {
  const choices = refusals[service] ?? common;
  const [code, status] =
    (when === 'after' ? broken[service] : undefined) ??
    choices[Math.floor(chance * choices.length)] ??
    common[0];
  return new AwsError(code, `${code}: injected ${when} the effect`, { status });
}
