// @ts-check
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import promises from 'node:timers/promises';

/**
 * Makes this process's clock run faster: from `sinceMs` (UTC ms, the same for all processes of a cloud, so that they agree)
 * every second counts as `scale` seconds, for `Date` and for timers. To be called before the handler is loaded, whose modules
 * may keep what they find. What Node does for itself, idle sockets for one, keeps its pace.
 *
 * @param {{ sinceMs: number, scale: number }} clock
 */
export function speedUp({ sinceMs, scale }) {
  const RealDate = Date;
  const now = () => Math.floor(sinceMs + (RealDate.now() - sinceMs) * scale);
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });

  const { setTimeout: once, setInterval: often } = globalThis;
  const { setTimeout: pause, setInterval: tick } = promises;
  Object.assign(globalThis, {
    setTimeout: Object.assign(
      /** @type {typeof once} */ ((callback, ms, ...rest) => once(callback, (ms ?? 0) / scale, ...rest)),
      { [Symbol.for('nodejs.util.promisify.custom')]: fastPause },
    ),
    setInterval: /** @type {typeof often} */ (
      (callback, ms, ...rest) => often(callback, (ms ?? 0) / scale, ...rest)
    ),
  });
  Object.assign(timers, { setTimeout: globalThis.setTimeout, setInterval: globalThis.setInterval });
  Object.assign(promises, {
    setTimeout: fastPause,
    setInterval: /** @type {typeof tick} */ ((ms, ...rest) => tick((ms ?? 0) / scale, ...rest)),
  });
  syncBuiltinESMExports();

  /** @template T @param {number} [ms] @param {T} [value] @param {import('node:timers').TimerOptions} [options] */
  function fastPause(ms, value, options) {
    return pause((ms ?? 0) / scale, value, options);
  }
}
