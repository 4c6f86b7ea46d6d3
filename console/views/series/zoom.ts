import { useMemo } from 'preact/hooks';
import { changeQuery, useRoute } from '../../app/router.ts';

/** What of the span is shown, in seconds since 1970, as the address has it. */
export function useZoom(): readonly [number, number] | undefined {
  const { query } = useRoute();
  const [begin, end] = [Number(query.get('x1')), Number(query.get('x2'))];
  return useMemo(() => (begin > 0 && end > begin ? [begin, end] : undefined), [begin, end]);
}

export const keepZoom = (zoom: readonly [number, number] | undefined): void =>
  changeQuery({ x1: zoom && Math.floor(zoom[0]), x2: zoom && Math.ceil(zoom[1]) }, 'replace');
