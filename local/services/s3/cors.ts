/** A rule of a bucket's CorsConfiguration. Origins and headers may hold one `*` each. */
export interface CorsRule {
  origins: readonly string[];
  methods: readonly string[];
  headers: readonly string[];
  exposed: readonly string[];
  maxAgeSeconds: number | undefined;
}

/** What a page asks for. */
export interface CorsRequest {
  origin: string;
  /** Of the request that it sends, or will send after a preflight. */
  method: string;
  /** Headers that a preflight names; empty else. */
  headers: readonly string[];
}

/** The headers that let the page have the answer, by the first rule that matches; undefined where none does. */
export function corsHeaders(
  rules: readonly CorsRule[],
  { origin, method, headers }: CorsRequest,
): Record<string, string> | undefined {
  const rule = rules.find(
    ({ origins, methods, headers: allowed }) =>
      origins.some((pattern) => matches(pattern, origin)) &&
      methods.includes(method) &&
      headers.every((name) => allowed.some((pattern) => matches(pattern.toLowerCase(), name.toLowerCase()))),
  );
  if (rule === undefined) return undefined;
  const { exposed, maxAgeSeconds } = rule;
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': rule.methods.join(', '),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
    ...(headers.length === 0 ? {} : { 'access-control-allow-headers': headers.join(', ') }),
    ...(exposed.length === 0 ? {} : { 'access-control-expose-headers': exposed.join(', ') }),
    ...(maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(maxAgeSeconds) }),
  };
}

function matches(pattern: string, text: string): boolean {
  const [start, end] = pattern.split('*', 2) as [string, string?];
  if (end === undefined) return pattern === text;
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
}

/** The rules as the template has them. */
// biome-ignore lint/suspicious/noExplicitAny: a rule is as CloudFormation has it
export function corsRulesOf(configuration: any): CorsRule[] {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  return (configuration?.CorsRules ?? []).map((rule: any) => ({
    origins: rule.AllowedOrigins,
    methods: rule.AllowedMethods,
    headers: rule.AllowedHeaders ?? [],
    exposed: rule.ExposedHeaders ?? [],
    maxAgeSeconds: rule.MaxAge === undefined ? undefined : Number(rule.MaxAge),
  }));
}
