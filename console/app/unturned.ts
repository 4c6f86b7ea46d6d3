import { options, type VNode } from 'preact';

/** Characters that are not seen and turn the direction of letters: a file `\u202Egnp.csv` is read `vsc.png`, and what stands behind it too. */
const turning = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** A text with these as what they are, `⟨U+202E⟩`: names of files and lines come from others. */
export const unturned = (text: string): string =>
  text.replace(turning, (found) => `⟨U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);

/** Has every text that the page shows unturned, and the names that are only read out. What is typed and what is saved stays as it is. */
export function showUnturned(): void {
  const before = options.vnode;
  options.vnode = (node: VNode<Record<string, unknown>>) => {
    const { type, props } = node as { type: unknown; props: unknown };
    // A text is a node without a type, whose properties are the text.
    if (typeof props === 'string') (node as { props: unknown }).props = unturned(props);
    else if (typeof type === 'string')
      for (const name of ['title', 'aria-label', 'label'])
        if (typeof node.props[name] === 'string') node.props[name] = unturned(node.props[name]);
    before?.(node);
  };
}
