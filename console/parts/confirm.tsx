import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useText } from '../app/context.ts';
import { Act } from './act.tsx';

interface ConfirmProps {
  /** The button that asks, with dots at its end. */
  readonly ask: string;
  /** What will happen, shown before it is done. */
  readonly about: ComponentChildren;
  /** The button that does it. */
  readonly now: string;
  /** It is being done: what was asked stays as it is until then. */
  readonly busy: boolean;
  readonly onConfirm: () => void;
}

/**
 * Asks once more. The button that does it takes the focus when it appears, and the one that asked has it back when nothing is done. What comes
 * once it is done is the view's to show: see {@link Done}.
 */
export function Confirm({ ask, about, now, busy, onConfirm }: ConfirmProps) {
  const text = useText();
  const [isAsked, setAsked] = useState(false);
  const asks = useRef<HTMLButtonElement>(null);
  const does = useRef<HTMLButtonElement>(null);
  // Not at the start, when the keyboard is elsewhere.
  const before = useRef(isAsked);
  useEffect(() => {
    if (before.current !== isAsked) (isAsked ? does : asks).current?.focus();
    before.current = isAsked;
  }, [isAsked]);
  // It may have failed: then it is asked anew.
  const wasBusy = useRef(busy);
  useEffect(() => {
    if (wasBusy.current && !busy) setAsked(false);
    wasBusy.current = busy;
  }, [busy]);
  if (!isAsked)
    return (
      <div class="confirm">
        <button key="ask" ref={asks} type="button" onClick={() => setAsked(true)}>
          {ask}
        </button>
      </div>
    );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape is a second way to what the button of its own does
    <div
      class="confirm"
      onKeyDown={({ key }) => {
        if (key === 'Escape' && !busy) setAsked(false);
      }}
    >
      <p>{about}</p>
      <Act key="do" ref={does} class="primary" idle={busy} onClick={onConfirm}>
        {now}
      </Act>
      <Act key="cancel" idle={busy} onClick={() => setAsked(false)}>
        {text.cancel}
      </Act>
    </div>
  );
}

/** What was done, in the place of what asked: it takes the focus, so that it is read and the keyboard goes on from there. */
export function Done({ children }: { children: ComponentChildren }) {
  const said = useRef<HTMLParagraphElement>(null);
  useEffect(() => said.current?.focus(), []);
  return (
    <p ref={said} role="status" tabIndex={-1}>
      {children}
    </p>
  );
}
