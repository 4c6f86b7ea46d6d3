/**
 * A cause for people: of the JSON that Lambda makes of an error only its message, the first line, at most `characters`.
 */
export function shortCause(cause: string | undefined, characters: number): string {
  const line = messageOf(cause ?? '').split('\n')[0] ?? '';
  return line.length > characters ? `${line.slice(0, characters)}…` : line;
}

function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
