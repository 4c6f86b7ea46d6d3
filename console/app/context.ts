import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Api } from '../api/client.ts';
import type { Text } from '../text/en.ts';
import type { Config } from './config.ts';
import type { Session } from './session.ts';

/** What every view is given. */
interface Everywhere {
  readonly config: Config;
  readonly session: Session;
  readonly api: Api;
  readonly text: Text;
}

export const Everywhere = createContext<Everywhere | undefined>(undefined);

export function useConsole(): Everywhere {
  const given = useContext(Everywhere);
  if (given === undefined) throw new Error('A part of the console is drawn outside of it.');
  return given;
}

/** The words of the language that is chosen. */
export const useText = (): Text => useConsole().text;

/** Whether the page offers what only operators may do; the API decides. */
export const useIsOperator = (): boolean => useConsole().session.user.groups.includes('operator');

/** What was asked for: on its way, there, or refused. While something newer is on its way, what was there before stays. */
export interface Asked<Value> {
  readonly value: Value | undefined;
  readonly error: unknown;
  readonly busy: boolean;
  /** Asks again. */
  again(): void;
}

/**
 * Asks when the view appears and whenever `key` changes; what is no longer wanted is aborted.
 * @param key all that the question depends on, as one text; `undefined` asks nothing
 */
export function useAsked<Value>(
  key: string | undefined,
  ask: (signal: AbortSignal) => Promise<Value>,
): Asked<Value> {
  const [state, setState] = useState<{ key?: string; value?: Value; error?: unknown; busy: boolean }>({
    busy: key !== undefined,
  });
  const [times, setTimes] = useState(0);
  // The key says all that the question depends on.
  useEffect(() => {
    if (key === undefined) {
      setState({ busy: false });
      return;
    }
    const controller = new AbortController();
    setState((before) => ({ ...before, busy: true, error: undefined }));
    ask(controller.signal).then(
      (value) => controller.signal.aborted || setState({ key, value, busy: false }),
      (error) =>
        controller.signal.aborted ||
        // What was there of the same question stays beside what is wrong now.
        setState((before) => ({
          key,
          error,
          busy: false,
          ...(before.key === key ? { value: before.value } : {}),
        })),
    );
    return () => controller.abort();
  }, [key, times]);
  return {
    value: state.value,
    error: state.error,
    busy: state.busy,
    again: () => setTimes((before) => before + 1),
  };
}
