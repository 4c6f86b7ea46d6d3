import { createInterface } from 'node:readline/promises';
import { UsageError } from '../../cli/usage-error.ts';

/**
 * Asks the person at the terminal, on standard error. Whoever is asked has been shown what will happen.
 * @param question without the mark and the choices: `Delete 3 messages`
 * @param given.yes it was answered on the command line
 * @throws {UsageError} when there is no terminal to ask at
 */
export async function confirmed(question: string, { yes }: { yes: boolean }): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) {
    throw new UsageError(`${question}? There is no terminal to ask at: if you mean it, repeat with --yes.`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const abort = new AbortController();
  terminal.once('close', () => abort.abort()); // Ctrl-C or Ctrl-D is no answer, and that is a no
  try {
    const answer = await terminal.question(`${question}? [y/N] `, { signal: abort.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (fault) {
    if ((fault as Error).name === 'AbortError') return false;
    throw fault;
  } finally {
    terminal.close();
  }
}
