/** A stage's throttling: a bucket of `burst` tokens that fills at `ratePerSecond`. False: too many requests. */
export function createThrottle(): (limit: { ratePerSecond: number; burst: number } | undefined) => boolean {
  let tokens = Number.POSITIVE_INFINITY;
  let filledAt = Date.now();
  return (limit) => {
    if (!limit) return true;
    const now = Date.now();
    tokens = Math.min(limit.burst, tokens + ((now - filledAt) / 1000) * limit.ratePerSecond);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
