import { useEffect } from 'preact/hooks';
import { type Asked, useAsked } from '../../app/context.ts';

/** Between an answer and the next question. */
const everyMs = 30_000;

/** Asks again and again while the page is looked at; not before there is an answer, however long that takes. */
export function useRepeated<Value>(key: string, ask: (signal: AbortSignal) => Promise<Value>): Asked<Value> {
  const asked = useAsked(key, ask);
  useEffect(() => {
    if (asked.busy) return;
    const timer = setInterval(() => document.hidden || asked.again(), everyMs);
    return () => clearInterval(timer);
  }, [asked.busy]);
  return asked;
}
