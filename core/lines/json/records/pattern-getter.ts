import type { Rejected } from '../../../dataset/reading.ts';
import type { PatternSource } from '../../../formats/json-format.ts';
import { patternExpression } from '../../../formats/text-pattern.ts';
import { rejected, show } from '../../rejection.ts';
import type { Getter } from './record-places.ts';

/** A text that has another form than its pattern: of a class of its own, which nothing that was parsed is of. */
export class Unmatched {
  readonly rejection: Rejected;
  constructor(rejection: Rejected) {
    this.rejection = rejection;
  }
}

/** What a text says in the place of a placeholder. */
export function patternGetter({ path, pattern }: PatternSource, name: string, get: Getter): Getter {
  const expression = patternExpression(pattern);
  return (place) => {
    const text = get(place);
    if (text === undefined || text === null) return undefined;
    const found = typeof text === 'string' ? expression.exec(text)?.groups?.[name] : undefined;
    if (found !== undefined) return found;
    return new Unmatched(
      rejected(
        name === 'sensorId' ? 'invalid-sensor-id' : 'wrong-type',
        `${path} is ${show(text)}; accepted: a text like ${pattern}`,
      ),
    );
  };
}
