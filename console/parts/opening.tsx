import type { ComponentChildren } from 'preact';
import { changeQuery, useRoute } from '../app/router.ts';

interface OpeningProps {
  /** In the address, while it is open; without a comma. */
  readonly name: string;
  readonly summary: ComponentChildren;
  readonly class?: string;
  /** A function makes what is in it once it is opened, and only then. */
  readonly children: ComponentChildren | (() => ComponentChildren);
}

/** A part of a view that is opened: the parameter `open` of the address lists those that are. */
export function Opening({ name, summary, class: look, children }: OpeningProps) {
  const open = (useRoute().query.get('open') ?? '').split(',').filter(Boolean);
  const isOpen = open.includes(name);
  const told = (nowOpen: boolean) => {
    // The browser tells of what the address has opened, too.
    if (nowOpen === isOpen) return;
    const others = open.filter((each) => each !== name);
    changeQuery({ open: (nowOpen ? [...others, name] : others).join(',') }, 'replace');
  };
  return (
    <details class={look} open={isOpen} onToggle={(event) => told(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {typeof children === 'function' ? isOpen && children() : children}
    </details>
  );
}
