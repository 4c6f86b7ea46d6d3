import * as z from 'zod/mini';
import { type ProblemKind, problemKinds, problemTypePrefix } from '../http/problem.ts';

const about = (description: string) => z.meta({ description });
const kinds = Object.keys(problemKinds) as ProblemKind[]; // the keys of a record by ProblemKind

/** The problem document of {@link problemAnswer}, as `/openapi.json` describes it. Kinds add members of their own. */
export const problemDocument = z.looseObject({
  type: z
    .enum(kinds.map((kind) => `${problemTypePrefix}${kind}` as const))
    .check(about('the kind of problem')),
  title: z.string().check(about('the same for every problem of the kind')),
  status: z.int(),
  detail: z.string().check(about('what is wrong, and what would be accepted')),
  message: z.string().check(about('the same as `detail`')),
  instance: z.string().check(z.regex(/^urn:uuid:/), about('of this answer; the log has it')),
  parameter: z.optional(z.string()).check(about('the first parameter, header or field that is wrong')),
  accepted: z
    .optional(z.union([z.string(), z.array(z.string()), z.int()]))
    .check(
      about(
        'what would be accepted; of the problems of POST /datasets/{dataset}/readings how many readings were',
      ),
    ),
  errors: z
    .optional(z.array(z.strictObject({ parameter: z.string(), detail: z.string(), accepted: z.string() })))
    .check(about('all that is wrong')),
});
