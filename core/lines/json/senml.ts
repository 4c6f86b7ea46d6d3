import type { Rejected } from '../../dataset/reading.ts';
import { rejected, show } from '../rejection.ts';
import { addDecimals } from './decimals.ts';
import type { Place } from './records/record-places.ts';

type Members = Readonly<Record<string, unknown>>;

/** What holds of a record and of those behind it, until one says otherwise. */
interface Base {
  name: string;
  time: number;
  unit: string | undefined;
  value: number;
  sum: number;
}

/** Below it a time is relative to now: RFC 8428, section 4.5.3. */
const absoluteFrom = 2 ** 28;
const newestVersion = 10;
const values = ['v', 'vs', 'vb', 'vd', 's'];
const types: Readonly<Record<string, string>> = {
  ...{ bn: 'string', bt: 'number', bu: 'string', bv: 'number', bs: 'number', bver: 'number' },
  ...{ n: 'string', u: 'string', v: 'number', vs: 'string', vb: 'boolean', vd: 'string', s: 'number' },
  ...{ t: 'number', ut: 'number' },
};

/**
 * The records of a pack of SenML, resolved as RFC 8428 says (section 4.6): `n` with its base, `t` as an absolute time in seconds, `u`, and `v` and `s` with
 * their bases added; as decimals, so that no digit of a time changes. A record that has only base fields gives none. What makes a pack
 * unreadable, an unknown version or a field that has to be understood (`_`), rejects all of it.
 */
export function* senmlRecords(pack: unknown): Generator<Place | Rejected> {
  if (!Array.isArray(pack)) {
    yield rejected(
      'not-an-object',
      `the document is ${show(pack)}; accepted: a pack of SenML, which is a list`,
    );
    return;
  }
  const fault = pack.map(unreadable).find((each) => each !== undefined);
  if (fault !== undefined) {
    yield fault;
    return;
  }
  const base: Base = { name: '', time: 0, unit: undefined, value: 0, sum: 0 };
  for (const [index, record] of (pack as readonly Members[]).entries()) {
    const resolved = resolve(record, base);
    if (resolved === undefined) continue;
    yield 'kind' in resolved
      ? resolved
      : { record: resolved.members, nodes: [pack, resolved.members], keys: [index] };
  }
}

/** Why nothing of a pack with this record can be read. */
function unreadable(record: unknown): Rejected | undefined {
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    return rejected('not-an-object', `a record of the pack is ${show(record)}; accepted: a JSON object`);
  for (const [name, value] of Object.entries(record)) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type !== undefined && typeof value !== type)
      return rejected('wrong-type', `${name} of SenML is ${show(value)}; accepted: a ${type}`);
    if (name.endsWith('_'))
      return rejected(
        'unknown-field',
        `${show(name)} has to be understood, and is not known; accepted: ${Object.keys(types).join(', ')}`,
      );
    if (name === 'bver' && (value as number) > newestVersion)
      return rejected(
        'unknown-field',
        `bver is ${show(value)}; accepted: versions of SenML up to ${newestVersion}`,
      );
  }
  return undefined;
}

function resolve(record: Members, base: Base): { members: Members } | Rejected | undefined {
  const {
    bn,
    bt,
    bu,
    bv,
    bs,
    n = '',
    t = 0,
    u,
  } = record as {
    readonly [name in 'bn' | 'bu' | 'n' | 'u']?: string;
  } & { readonly [name in 'bt' | 'bv' | 'bs' | 't']?: number }; // looked at in `unreadable`
  base.name = bn ?? base.name;
  base.time = bt ?? base.time;
  base.unit = bu ?? base.unit;
  base.value = bv ?? base.value;
  base.sum = bs ?? base.sum;
  if (!values.some((name) => Object.hasOwn(record, name))) return undefined;
  const name = base.name + n;
  if (!/^[A-Za-z0-9][-A-Za-z0-9:./_]*$/.test(name))
    return rejected(
      'invalid-sensor-id',
      `the name is ${show(name)}; accepted: letters, digits and - : . / _, a letter or digit first`,
    );
  const time = addDecimals(base.time, t);
  if (Number(time) < absoluteFrom)
    return rejected(
      'invalid-timestamp',
      `the time of ${show(name)} is ${time} s relative to when it was sent, which nobody knows here; accepted: seconds since 1970`,
    );
  const { v, s, vs, vb, vd } = record;
  const unit = u ?? base.unit;
  const members = {
    ...{ n: name, t: time },
    ...(unit !== undefined && { u: unit }),
    ...(v !== undefined && { v: Number(addDecimals(base.value, v as number)) }),
    ...(s !== undefined && { s: Number(addDecimals(base.sum, s as number)) }),
    ...(vs !== undefined && { vs }),
    ...(vb !== undefined && { vb }),
    ...(vd !== undefined && { vd }),
  };
  return { members };
}
