import type { ComponentChildren } from 'preact';

/** The title of a view, what it answers in a sentence, and what acts on all of it. */
export function Head({
  title,
  about,
  children,
}: {
  title: string;
  about?: string;
  children?: ComponentChildren;
}) {
  return (
    <>
      <div class="head">
        <h1>{title}</h1>
        {children}
      </div>
      {about !== undefined && <p class="about">{about}</p>}
    </>
  );
}
