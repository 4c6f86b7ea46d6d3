/** Shows how far a long verb has come, on one line of stderr, and only to a person: nothing of it is in a file or a pipe. */
export function progressLine(stream: NodeJS.WriteStream = process.stderr): {
  tell(text: string): void;
  end(): void;
} {
  if (!stream.isTTY) return { tell: () => {}, end: () => {} };
  let shownAtMs = 0;
  let shown = false;
  return {
    tell(text) {
      const nowMs = Date.now();
      if (nowMs - shownAtMs < 100) return; // faster than anybody reads
      shownAtMs = nowMs;
      shown = true;
      stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    end() {
      if (shown) stream.write('\r\x1b[K');
    },
  };
}
