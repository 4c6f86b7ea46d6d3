import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** What a reader can be led to: the parts of a view that have a name. */
const places = 'section, form, details, main, [role="group"]';

/**
 * Keeps the keyboard within the view. When what had the focus is taken out of the page, such as a button whose work is done, the browser
 * gives the focus to the whole page, and who has no mouse begins anew at its top: it goes to the nearest part around it that is still there.
 */
export function useKeptFocus(within: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const view = within.current;
    if (view === null) return;
    /** What had the focus last, and what it was in, from the inside out. */
    let path: readonly Element[] = [];
    const taken = (event: FocusEvent) => {
      path = event.composedPath().filter((each) => each instanceof Element);
    };
    const observer = new MutationObserver(() => {
      const [last, ...around] = path;
      // Where it is still there, the person has left it.
      if (last === undefined || last.isConnected || document.activeElement !== document.body) return;
      const place = around.find((each) => each.isConnected && each.matches(places)) as
        | HTMLElement
        | undefined;
      if (place === undefined) return;
      if (!place.hasAttribute('tabindex')) place.tabIndex = -1;
      place.focus({ preventScroll: true });
    });
    view.addEventListener('focusin', taken);
    observer.observe(view, { childList: true, subtree: true });
    return () => {
      observer.disconnect();
      view.removeEventListener('focusin', taken);
    };
  }, []);
}
