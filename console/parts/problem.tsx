import { Refused } from '../api/problem.ts';
import { useConsole } from '../app/context.ts';
import { SignedOut, signIn } from '../app/session.ts';

/** What went wrong, in the API's own words, and what helps. */
export function Problem({ error, again }: { error: unknown; again?: () => void }) {
  const { text, config } = useConsole();
  if (error instanceof SignedOut) {
    return (
      <div class="problem" role="alert">
        <p>{text.problem.signedOut}</p>
        <button type="button" onClick={() => void signIn(config)}>
          {text.start.signIn}
        </button>
      </div>
    );
  }
  const problem = error instanceof Refused ? error.problem : undefined;
  const others = problem?.errors?.filter(({ detail }) => detail !== problem.detail) ?? [];
  return (
    <div class="problem" role="alert">
      {(problem || error instanceof TypeError) && (
        <p>
          <strong>{problem ? `${problem.status} ${problem.title}` : text.problem.noAnswer}</strong>
        </p>
      )}
      <p>{problem?.detail ?? (error instanceof Error ? error.message : String(error))}</p>
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
