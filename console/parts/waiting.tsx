import { type Asked, useText } from '../app/context.ts';
import { Problem } from './problem.tsx';

interface WaitingProps {
  /** In the order in which they follow from each other. */
  readonly of: readonly Pick<Asked<unknown>, 'value' | 'error' | 'busy' | 'again'>[];
  /** What was there before is shown on without a word while it is asked for again: of what asks again by itself. */
  readonly quiet?: boolean;
}

/** What a view says of its questions: the first that was refused, with what asks that one again; else that an answer is on its way. */
export function Waiting({ of, quiet = false }: WaitingProps) {
  const text = useText();
  const refused = of.find(({ error }) => error !== undefined);
  if (refused) return <Problem error={refused.error} again={refused.again} />;
  const isWaiting = of.some(({ busy, value }) => busy && !(quiet && value !== undefined));
  return isWaiting ? (
    <p class="busy" role="status">
      {text.loading}
    </p>
  ) : null;
}
