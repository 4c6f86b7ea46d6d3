/** Told of each call of a port, by name; it makes the call, or doesn't, or throws. */
export type Around = <Answer>(call: string, make: () => Promise<Answer>) => Promise<Answer>;

const streams = new Set(['list', 'pending']);

/** A port whose every call goes through `around`: the beginning of a listing, and the pieces of an upload, too. */
export function intercepted<Port extends object>(port: Port, around: Around): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const call = String(name);
      if (call === 'upload') {
        return (...args: unknown[]) => intercepted(member.apply(target, args) as object, around);
      }
      if (streams.has(call)) {
        return async function* stream(...args: unknown[]) {
          await around(call, async () => undefined);
          yield* member.apply(target, args) as AsyncIterable<unknown>;
        };
      }
      return (...args: unknown[]) => around(call, async () => member.apply(target, args));
    },
  });
}

/** The process died. No step may catch it and go on. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/**
 * Crashes at the `index`th call (from 0), before it is made or right after, and makes no call from then on: a process that
 * died doesn't clean up. `calls` are the names of those that were asked for.
 */
export function crashing(index: number, when: 'before' | 'after'): { around: Around; calls: string[] } {
  const calls: string[] = [];
  let crashed = false;
  const around: Around = async (call, make) => {
    const isFatal = calls.push(call) - 1 === index;
    if (isFatal && when === 'before') crashed = true;
    if (crashed) throw new Crash(`${when} ${call}, call ${index}`);
    const answer = await make();
    if (isFatal) crashed = true;
    if (crashed) throw new Crash(`${when} ${call}, call ${index}`);
    return answer;
  };
  return { around, calls };
}

/** A rival is dead: it makes no call any more. */
export class RivalDied extends Error {
  override readonly name = 'RivalDied';
}

/** The calls of a rival that dies right after the first call of that name; `undefined`: it lives. `did` is told of each call that it made. */
export function dyingAfter(death: string | undefined, did: (call: string) => void): Around {
  let isDead = false;
  return async (call, make) => {
    if (isDead) throw new RivalDied();
    const answer = await make();
    did(call);
    isDead = call === death;
    if (isDead) throw new RivalDied();
    return answer;
  };
}
