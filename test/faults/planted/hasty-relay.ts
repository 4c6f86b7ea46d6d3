import { type RelayRound, type RelaySteps, relayRound as rightRound } from '../../../core/streams/relay.ts';

/** Marks commits as published before their events are handed on: a crash between the two loses the events, and nobody looks for them any more. */
export function* relayRound(...options: Parameters<typeof rightRound>): RelaySteps<RelayRound> {
  const steps = rightRound(...options);
  let next = steps.next();
  while (!next.done) {
    if (next.value.kind === 'deliver') yield { kind: 'mark', commits: next.value.commits };
    next = steps.next(yield next.value);
  }
  return next.value;
}
