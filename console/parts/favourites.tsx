import { useState } from 'preact/hooks';
import { useText } from '../app/context.ts';
import { apart } from './sensor-ids.ts';

/** A sensor that somebody wants at hand; kept in this browser. */
interface Favourite {
  readonly dataset: string;
  readonly sensor: string;
}

const key = 'caudal.favourites';
const most = 24;

/** What somebody else wrote into the store is no favourite. */
export function favourites(): readonly Favourite[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(kept)
      ? kept
          .filter((each) => typeof each?.dataset === 'string' && typeof each?.sensor === 'string')
          .slice(0, most)
      : [];
  } catch {
    return [];
  }
}

const same = (a: Favourite, b: Favourite): boolean => a.dataset === b.dataset && a.sensor === b.sensor;

/** Keeps a sensor among the favourites, or no longer. */
export function Star({ dataset, sensor }: Favourite) {
  const text = useText();
  const [on, setOn] = useState(() => favourites().some((each) => same(each, { dataset, sensor })));
  return (
    <button
      type="button"
      class="star"
      aria-pressed={on}
      aria-label={text.favourite(apart(sensor))}
      onClick={() => {
        const others = favourites().filter((each) => !same(each, { dataset, sensor }));
        localStorage.setItem(
          key,
          JSON.stringify(on ? others : [...others, { dataset, sensor }].slice(-most)),
        );
        setOn(!on);
      }}
    >
      {on ? '★' : '☆'}
    </button>
  );
}
