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
