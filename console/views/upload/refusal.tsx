import type { Answer } from '../../api/operations.ts';
import { Lines } from '../../parts/counts.tsx';

/** Why nothing of a file is taken, with the lines that show it. */
export function Refusal({
  refusal: { reason, detail, cause, lines },
  title,
}: {
  refusal: NonNullable<Answer<'getUpload'>['refusal']>;
  title: string;
}) {
  return (
    <div class="problem">
      <p>
        <strong>{title}</strong> <code>{reason}</code>
      </p>
      <p lang="en">
        {detail}
        {cause !== undefined && ` (${cause})`}
      </p>
      {lines.length > 0 && <Lines title={title} lines={lines} />}
    </div>
  );
}
