import { useEffect, useState } from 'preact/hooks';

/** What the person has chosen; `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark';

const key = 'caudal.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const watchers = new Set<() => void>();

export function chosenTheme(): Theme {
  const kept = localStorage.getItem(key);
  return kept === 'light' || kept === 'dark' ? kept : 'auto';
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'auto') localStorage.removeItem(key);
  else localStorage.setItem(key, theme);
  applyTheme();
  for (const watcher of watchers) watcher();
}

/** Before anything is drawn. */
export function applyTheme(): void {
  const theme = chosenTheme();
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** A number that is another one after each change of colours: what is drawn on a canvas depends on it. */
export function useColoursChanged(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const changed = () => setChanges((before) => before + 1);
    watchers.add(changed);
    dark.addEventListener('change', changed);
    return () => {
      watchers.delete(changed);
      dark.removeEventListener('change', changed);
    };
  }, []);
  return changes;
}

/** The present value of a colour of the style sheets, such as `--accent`, in a form that a canvas takes. */
export function colour(name: string): string {
  const probe = document.createElement('span');
  probe.hidden = true;
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
