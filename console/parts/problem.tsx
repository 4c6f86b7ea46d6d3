import { Refused, Unreachable } from '../api/problem.ts';
import { useConsole } from '../app/context.ts';
import { SignedOut } from '../app/session.ts';

/** What went wrong, in the API's own words, and what helps. */
export function Problem({ error, again }: { error: unknown; again?: () => void }) {
  const { text } = useConsole();
  // The shell says so, once for all that is asked.
  if (error instanceof SignedOut) return null;
  const problem = error instanceof Refused ? error.problem : undefined;
  const said = problem?.detail ?? (error instanceof Error ? error.message : String(error));
  const others = problem?.errors?.filter(({ detail }) => !problem.detail.includes(detail)) ?? [];
  return (
    <div class="problem" role="alert">
      {(problem || error instanceof Unreachable) && (
        <p>
          <strong>{problem ? `${problem.status} ${problem.title}` : text.problem.noAnswer}</strong>
        </p>
      )}
      <p>{error instanceof Unreachable ? text.problem.unreachable : said}</p>
      {others.length > 0 && (
        <ul>
          {others.map(({ detail }) => (
            <li key={detail}>{detail}</li>
          ))}
        </ul>
      )}
      {problem?.instance !== undefined && <p class="instance">{problem.instance}</p>}
      {again && (
        <button type="button" onClick={again}>
          {text.again}
        </button>
      )}
    </div>
  );
}
