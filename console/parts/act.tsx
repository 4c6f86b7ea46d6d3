import type { ButtonHTMLAttributes, Ref } from 'preact';

interface ActProps extends Omit<ButtonHTMLAttributes, 'disabled' | 'onClick'> {
  /** It does nothing now, and says so. */
  readonly idle: boolean;
  readonly onClick: () => void;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A button that does nothing at times and keeps the keyboard all the same: the browser takes the focus from one that is `disabled`. */
export function Act({ idle, onClick, ...others }: ActProps) {
  return <button type="button" {...others} aria-disabled={idle} onClick={() => idle || onClick()} />;
}
