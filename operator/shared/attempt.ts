import { nameOf } from '../../adapters/store-faults.ts';
import type { Check } from './check.ts';

/** How AWS's services say that somebody may not do something. */
const denied = /AccessDenied|AuthorizationError|NotAuthorized|UnauthorizedOperation|Forbidden/i;
/** How the local cloud says that it does not have an operation. */
const unavailable = /UnknownOperation|NotImplemented/;

/** Whether an error says that the caller may not do what it asked for. */
export const isDenied = (fault: unknown): boolean => denied.test(nameOf(fault));

/** Whether the operation is none that this endpoint has. */
export const isUnavailable = (fault: unknown): boolean => unavailable.test(nameOf(fault));

/** Runs a check; what it throws becomes its outcome, so that one that can't be made does not keep the others from being made. */
export async function attempt(name: string, run: () => Promise<Omit<Check, 'name'>>): Promise<Check> {
  try {
    return { name, ...(await run()) };
  } catch (fault) {
    const text = `${nameOf(fault)}: ${(fault as Error).message}`;
    if (isUnavailable(fault)) return { name, state: 'skip', text: 'not available here' };
    if (isDenied(fault))
      return {
        name,
        state: 'fail',
        text,
        mend: 'let the caller do this: an operator reads and starts everything',
      };
    return { name, state: 'fail', text };
  }
}
