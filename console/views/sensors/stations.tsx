import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Request } from '../../api/client.ts';
import type { Answer } from '../../api/operations.ts';
import { useAsked, useConsole } from '../../app/context.ts';
import { Exports } from '../../parts/exports.tsx';
import { Problem } from '../../parts/problem.tsx';
import { silenceOf } from '../../parts/time.ts';
import type StationMap from './map/map.tsx';

interface StationsProps {
  readonly dataset: string;
  readonly stations: readonly Answer<'listSensors'>['sensors'][number][];
  /** What has answered with them. */
  readonly request: Request;
}

/** The map of the stations, whose chunk has the outline of land in it and is fetched when the map is looked at first. */
export function Stations({ dataset, stations, request }: StationsProps) {
  const { text, api } = useConsole();
  const [loaded, setLoaded] = useState<ComponentType<Parameters<typeof StationMap>[0]>>();
  const [error, setError] = useState<unknown>();
  const definition = useAsked(dataset, (signal) => api.call('getDataset', { dataset }, { signal }));
  useEffect(() => {
    import('./map/map.tsx').then((chunk) => setLoaded(() => chunk.default), setError);
  }, []);
  const fault = error ?? definition.error;
  if (fault !== undefined) return <Problem error={fault} again={definition.again} />;
  const StationsOnMap = loaded;
  if (StationsOnMap === undefined || definition.value === undefined)
    return <p class="busy">{text.loading}</p>;
  return (
    <>
      <StationsOnMap
        dataset={dataset}
        stations={stations}
        silentDays={silenceOf(definition.value.expectedEvery)}
      />
      <Exports name={`${dataset}-sensors`} requests={[request]} csv="api" />
    </>
  );
}
