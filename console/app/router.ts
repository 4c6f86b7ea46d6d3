import { useEffect, useState } from 'preact/hooks';

/** Where the page is: all that a view shows follows from it, so that the address restores the view. */
export interface Route {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** `undefined`, `''` and `false` leave a parameter out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

const watchers = new Set<() => void>();
let current = read();

function read(): Route {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

function changed(): void {
  current = read();
  for (const watcher of watchers) watcher();
}

addEventListener('popstate', changed);

export function useRoute(): Route {
  const [route, setRoute] = useState(current);
  useEffect(() => {
    const watcher = () => setRoute(current);
    watcher();
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  }, []);
  return route;
}

/** An address of the console, for a link or for {@link navigate}. */
export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '' && value !== false) search.set(name, String(value));
  return search.size === 0 ? path : `${path}?${search}`;
}

/** @param how `replace` where going back must not stop here, such as for each step of a zoom */
export function navigate(to: string, how: 'push' | 'replace' = 'push'): void {
  if (to === location.pathname + location.search) return;
  if (how === 'push') history.pushState(null, '', to);
  else history.replaceState(null, '', to);
  changed();
}

/** Changes parameters of the present view and keeps its others. */
export function changeQuery(changes: Query, how: 'push' | 'replace' = 'push'): void {
  const kept = Object.fromEntries(current.query);
  navigate(address(current.path, { ...kept, ...changes }), how);
}

/** Follows links within the console without loading the page again. */
export function followLinks(event: MouseEvent): void {
  const link = (event.target as Element).closest?.('a');
  const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !plain || event.defaultPrevented) return;
  if (link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return;
  if (link.hash !== '') return;
  event.preventDefault();
  navigate(link.pathname + link.search);
  scrollTo(0, 0);
}
