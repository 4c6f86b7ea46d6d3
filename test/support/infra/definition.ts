import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: 'FULL' | 'NONE';
}

export interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly Next: string;
    readonly ResultPath?: string;
  }[];
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly ItemProcessor?: Definition & { readonly ProcessorConfig: Readonly<Record<string, string>> };
  readonly ItemReader?: unknown;
  readonly ResultWriter?: unknown;
  readonly Label?: string;
  readonly ToleratedFailurePercentage?: number;
  readonly ResultPath?: string;
  readonly ErrorPath?: string;
  readonly CausePath?: string;
}

export interface Definition {
  readonly Comment?: string;
  readonly TimeoutSeconds?: number;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** The file of a state machine, as text, and parsed with the ARNs of its integrations as in most Regions. */
export function readDefinition(name: string): { text: string; definition: Definition } {
  const text = readFileSync(
    join(import.meta.dirname, '..', '..', '..', 'state-machines', `${name}.asl.json`),
    'utf8',
  );
  return { text, definition: JSON.parse(text.replaceAll(`\${Partition}`, 'aws')) as Definition };
}

/** All states, those of the maps' children too. */
export function allStates({ States }: Definition): [name: string, state: State][] {
  return Object.entries(States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.ItemProcessor ? allStates(state.ItemProcessor) : []),
  ]);
}

/** The Lambda tasks: the name of the state, and the substitution that names its function. */
export function lambdaTasks(definition: Definition): [name: string, functionArn: string][] {
  return allStates(definition)
    .filter(([, state]) => state.Resource === 'arn:aws:states:::lambda:invoke')
    .map(([name, state]) => [name, String(state.Parameters?.FunctionName)]);
}

/** The waits of a retrier, without jitter: jitter only shortens them. */
export function waitsOf(retrier: Retrier): number[] {
  return Array.from({ length: retrier.MaxAttempts }, (_, attempt) =>
    Math.min(retrier.IntervalSeconds * retrier.BackoffRate ** attempt, retrier.MaxDelaySeconds),
  );
}

/** Seconds allowed for a call that is refused before the function does any work. */
const refusalSeconds = 2;
const refusals = ['Lambda.TooManyRequestsException', 'IdempotencyAlreadyInProgressError'];

/** Seconds until a task gives up when every retrier is used up and the last attempt takes its whole timeout. */
export function worstCaseSeconds(state: State): number {
  const timeout = state.TimeoutSeconds ?? Number.POSITIVE_INFINITY;
  const retries = (state.Retry ?? []).map((retrier) => {
    const attempt = retrier.ErrorEquals.every((error) => refusals.includes(error)) ? refusalSeconds : timeout;
    return waitsOf(retrier).reduce((sum, wait) => sum + attempt + wait, 0);
  });
  return retries.reduce((sum, seconds) => sum + seconds, timeout);
}
