import type { ComponentType } from 'preact';
import type { Text } from '../text/en.ts';

export interface ViewProps {
  /** What follows the view's own path: of `/jobs/JOB001` it is `JOB001`, of `/jobs` it is empty. */
  readonly rest: string;
}

export interface View {
  /** Its address; addresses below it are its too. */
  readonly path: string;
  /** The key of its title in `text.views`. */
  readonly title: keyof Text['views'];
  /** Lines of its sign in the navigation, an SVG path in a square of 20. */
  readonly sign: string;
  /** Whom it is offered to. What each may do is decided by the API, whatever the page offers. */
  readonly for: 'everybody' | 'operators';
  /** A chunk of its own, fetched when the view is opened first. */
  readonly load: () => Promise<{ readonly default: ComponentType<ViewProps> }>;
}

/**
 * The views, in the order of the navigation. To add one:
 *
 * 1. its words: a title in `views` and a section of its own in `text/en.ts` and `text/es.ts`;
 * 2. the operations that it calls: a line each in `api/operations.ts`;
 * 3. a folder `views/<name>/` whose `<name>.tsx` exports the component as default. What it shows follows from the address
 *    (`useRoute`, `changeQuery`), it asks by `useAsked`, and shows the request by `<Exports>`;
 * 4. its style sheet, if the parts do not do, imported in `styles/console.css`;
 * 5. a line here, and a test in `test/browser/`.
 */
export const views: readonly View[] = [
  {
    path: '/series',
    title: 'series',
    sign: 'M3 3v14h14M5.5 12.5l3-4 3 2.5 5-6.5',
    for: 'everybody',
    load: () => import('./series/series.tsx'),
  },
  {
    path: '/datasets',
    title: 'datasets',
    sign: 'M3 5c0-1.1 3.1-2 7-2s7 .9 7 2-3.1 2-7 2-7-.9-7-2v10c0 1.1 3.1 2 7 2s7-.9 7-2V5M3 10c0 1.1 3.1 2 7 2s7-.9 7-2',
    for: 'everybody',
    load: () => import('./datasets/datasets.tsx'),
  },
];

/** The view that an address belongs to. */
export function viewAt(path: string): { readonly view: View; readonly rest: string } | undefined {
  const view = views.find(
    (each) => path === each.path || (each.path !== '/' && path.startsWith(`${each.path}/`)),
  );
  return view && { view, rest: decoded(path.slice(view.path.length).replace(/^\//, '')) };
}

/** An address that somebody typed may have a `%` that says nothing. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
