import { useEffect, useState } from 'preact/hooks';

/**
 * What a person has typed and not sent yet, kept for as long as the tab is: the session may end, or a link be followed, before it is sent.
 * It is kept with what it was made of, so that it never comes back over something else.
 */
const prefix = 'caudal.draft ';

function read(name: string, of: string): string | undefined {
  const [kept, text] = JSON.parse(sessionStorage.getItem(prefix + name) ?? '[]') as string[];
  return kept === of ? text : undefined;
}

function keep(name: string, of: string, text: string): void {
  sessionStorage.removeItem(prefix + name);
  if (text === of) return;
  try {
    sessionStorage.setItem(prefix + name, JSON.stringify([of, text]));
  } catch {
    // More than the browser keeps for a tab, some 5 million characters: then it is on the page only.
  }
}

/** Who signs out leaves nothing to the next person. */
export function forgetDrafts(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key);
}

/**
 * A text that begins as `of` and is changed by a person.
 * @returns the text, what changes it, and what is called once it has been sent
 */
export function useDraft(name: string, of: string): [string, (text: string) => void, () => void] {
  const begin = () => read(name, of) ?? of;
  const [text, setText] = useState(begin);
  useEffect(() => setText(begin()), [name, of]);
  const change = (to: string) => {
    keep(name, of, to);
    setText(to);
  };
  return [text, change, () => keep(name, of, of)];
}
