import { useEffect, useState } from 'preact/hooks';
import type { Api } from '../api/client.ts';
import type { Answer } from '../api/operations.ts';
import { type Asked, useAsked, useConsole } from '../app/context.ts';
import { changeQuery, useRoute } from '../app/router.ts';

type Summary = Answer<'listDatasets'>['datasets'][number];

const lists = new WeakMap<Api, Promise<readonly Summary[]>>();

/** How often the list has been asked for again, and who shows it: all of them ask again together. */
let times = 0;
const watchers = new Set<() => void>();

function askAgain(): void {
  times += 1;
  for (const watcher of watchers) watcher();
}

/** The datasets of the installation: asked once, since they change with a deployment. */
export function useDatasets(): Asked<readonly Summary[]> {
  const { api } = useConsole();
  const [asks, setAsks] = useState(times);
  useEffect(() => {
    const watcher = () => setAsks(times);
    watcher();
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  }, []);
  const asked = useAsked(`datasets ${asks}`, () => {
    const known = lists.get(api) ?? api.call('listDatasets', {}).then(({ datasets }) => datasets);
    lists.set(api, known);
    known.catch(() => lists.delete(api));
    return known;
  });
  return { ...asked, again: askAgain };
}

const keptKey = 'caudal.dataset';

/**
 * The dataset that the address names, else the last one that was looked at, else the first of them that has readings; the address then names
 * it, so that it restores the view for others too.
 * @param options.isOfView false where the view is not about a dataset now
 */
export function useDataset({ isOfView = true }: { isOfView?: boolean } = {}): Asked<Summary> {
  const { api, text } = useConsole();
  const { query, path } = useRoute();
  const named = query.get('dataset') ?? undefined;
  const list = useDatasets();
  const names = list.value?.map(({ name }) => name);
  const found = useAsked(names && `${named} of ${names.join()}`, async (signal) => {
    const known = [named, localStorage.getItem(keptKey)].find((name) => name && names?.includes(name));
    if (named !== undefined && known !== named) return named; // the API says what there is
    if (known) return known;
    for (const name of names ?? []) {
      const { sensors } = await api.call('listSensors', { dataset: name, limit: '1' }, { signal });
      if (sensors.length > 0) return name;
    }
    return names?.[0];
  });
  const value = list.value?.find(({ name }) => name === found.value);
  const chosen = value?.name;
  useEffect(() => {
    // Whoever has gone on meanwhile has another view.
    if (isOfView && named === undefined && chosen !== undefined && location.pathname === path)
      changeQuery({ dataset: chosen }, 'replace');
  }, [isOfView, named, chosen, path]);
  const lacks = found.value !== undefined && list.value !== undefined && value === undefined;
  return {
    value,
    busy: list.busy || found.busy,
    error:
      list.error ??
      found.error ??
      (lacks ? new Error(text.noDataset(found.value ?? '', names?.join(', ') ?? '')) : undefined),
    again: list.error === undefined ? found.again : list.again,
  };
}

/** Chooses the dataset of a view; what else the address says of another dataset is `clears`, left out. */
export function DatasetField({
  chosen,
  clears = [],
}: {
  chosen: string | undefined;
  clears?: readonly string[];
}) {
  const { text } = useConsole();
  const list = useDatasets();
  return (
    <label>
      {text.dataset}
      <select
        value={chosen}
        onChange={(event) => {
          const dataset = event.currentTarget.value;
          localStorage.setItem(keptKey, dataset);
          changeQuery({ ...Object.fromEntries(clears.map((name) => [name, undefined])), dataset });
        }}
      >
        {list.value?.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
