/**
 * Local minus UTC, ms, of `Z`, `z`, `+01`, `+0100` or `+01:00`; `undefined` for any other text, and for more than 23 hours or 59 minutes.
 * How far from UTC a clock can be, and which of these forms may be written, is for whoever asks.
 */
export function readOffset(text: string): number | undefined {
  if (text === 'Z' || text === 'z') return 0;
  const found = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(text);
  if (!found) return undefined;
  const [hours, minutes] = [Number(found[2]), Number(found[3] ?? 0)];
  if (hours > 23 || minutes > 59) return undefined;
  return (hours * 60 + minutes) * (found[1] === '-' ? -60_000 : 60_000);
}
