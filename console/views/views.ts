import { decoded } from '../app/decoded.ts';
import type { View } from './view.ts';

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
    path: '/',
    title: 'now',
    sign: 'M2 11h3.5l2-6 4 11 2.2-5H18',
    for: 'everybody',
    load: () => import('./now/now.tsx'),
  },
  {
    path: '/sensors',
    title: 'sensors',
    sign: 'M10 18s5.5-5.2 5.5-9.5a5.5 5.5 0 0 0-11 0C4.5 12.8 10 18 10 18M10 10.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4',
    for: 'everybody',
    load: () => import('./sensors/sensors.tsx'),
  },
  {
    path: '/series',
    title: 'series',
    sign: 'M3 3v14h14M5.5 12.5l3-4 3 2.5 5-6.5',
    for: 'everybody',
    load: () => import('./series/series.tsx'),
  },
  {
    path: '/alerts',
    title: 'alerts',
    sign: 'M10 2.5a5 5 0 0 0-5 5c0 4.5-2 6-2 6h14s-2-1.5-2-6a5 5 0 0 0-5-5M8.5 16.5a1.6 1.6 0 0 0 3 0',
    for: 'everybody',
    load: () => import('./alerts/alerts.tsx'),
  },
  {
    path: '/datasets',
    title: 'datasets',
    sign: 'M3 5c0-1.1 3.1-2 7-2s7 .9 7 2-3.1 2-7 2-7-.9-7-2v10c0 1.1 3.1 2 7 2s7-.9 7-2V5M3 10c0 1.1 3.1 2 7 2s7-.9 7-2',
    for: 'everybody',
    load: () => import('./datasets/datasets.tsx'),
  },
  {
    path: '/jobs',
    title: 'jobs',
    sign: 'M3 4h14v12H3zM3 13l4-4 3 3 2.5-2.5L17 14M13 7.5h.01',
    for: 'everybody',
    load: () => import('./jobs/jobs.tsx'),
  },
  {
    path: '/executions',
    title: 'executions',
    sign: 'M7 2h6v4H7zM2 14h6v4H2zM12 14h6v4h-6zM10 6v4M5 14v-4h10v4',
    for: 'everybody',
    load: () => import('./executions/executions.tsx'),
  },
  {
    path: '/metrics',
    title: 'metrics',
    sign: 'M3 17V9M8 17V3M13 17v-6M18 17V6',
    for: 'everybody',
    load: () => import('./metrics/metrics.tsx'),
  },
  {
    path: '/rejects',
    title: 'rejects',
    sign: 'M3 5h14M3 10h7M3 15h7M13 11l5 5M18 11l-5 5',
    for: 'everybody',
    load: () => import('./rejects/rejects.tsx'),
  },
  {
    path: '/upload',
    title: 'upload',
    sign: 'M10 13V3M6 7l4-4 4 4M3 12v5h14v-5',
    for: 'operators',
    load: () => import('./upload/upload.tsx'),
  },
];

/** The view that an address belongs to. */
export function viewAt(path: string): { readonly view: View; readonly rest: string } | undefined {
  const view = views.find(
    (each) => path === each.path || (each.path !== '/' && path.startsWith(`${each.path}/`)),
  );
  return view && { view, rest: decoded(path.slice(view.path.length).replace(/^\//, '')) };
}
