/** One method of a resource, as the template declares it. */
export interface ApiMethod {
  /** Upper case, or `ANY`. */
  httpMethod: string;
  resourceId: string;
  /** Template of the path: `/datasets/{dataset}`. */
  resourcePath: string;
  functionName: string;
  authorization:
    | { kind: 'none' }
    | { kind: 'cognito'; poolIds: readonly string[]; scopes: readonly string[] };
  /** At most 29,000. */
  timeoutMs: number;
}

/** An answer that the gateway gives itself. */
export interface GatewayResponse {
  status?: number;
  /** `$context.error.messageString` stands for the gateway's own words. */
  template?: string;
  headers?: Record<string, string>;
}

/** A REST API with its stage. */
export interface RestApi {
  id: string;
  name: string;
  stage: string;
  methods: readonly ApiMethod[];
  responses: Readonly<Record<string, GatewayResponse>>;
  binaryMediaTypes: readonly string[];
  throttle?: { ratePerSecond: number; burst: number };
}

/** A method that answers a request, with what its path's parameters matched, still percent-encoded. */
export interface Match {
  method: ApiMethod;
  pathParameters: Record<string, string> | null;
}

/**
 * Finds the method for a path without its stage. A literal segment goes before a parameter, a parameter before a greedy
 * one, a method before ANY. Undefined is what API Gateway calls a missing authentication token.
 */
export function findMethod(
  methods: readonly ApiMethod[],
  httpMethod: string,
  path: string,
): Match | undefined {
  let best: (Match & { rank: string }) | undefined;
  for (const method of methods) {
    if (method.httpMethod !== httpMethod && method.httpMethod !== 'ANY') continue;
    const matched = matchPath(method.resourcePath, path);
    if (!matched) continue;
    const rank = `${matched.rank}${method.httpMethod === 'ANY' ? '1' : '0'}`;
    if (best && best.rank <= rank) continue;
    const { parameters } = matched;
    best = { method, rank, pathParameters: Object.keys(parameters).length > 0 ? parameters : null };
  }
  return best;
}

/** The rank orders lexically: one digit a segment, 0 for a literal, 1 for a parameter, 2 for a greedy one. */
function matchPath(
  template: string,
  path: string,
): { parameters: Record<string, string>; rank: string } | undefined {
  const wanted = template.split('/').slice(1);
  const given = path.replace(/\/$/, '').split('/').slice(1);
  const parameters: Record<string, string> = {};
  let rank = '';
  for (const [index, part] of wanted.entries()) {
    const segment = given[index];
    const [, name, greedy] = /^\{([^}+]+)(\+)?\}$/.exec(part) ?? [];
    if (name && greedy && segment) {
      parameters[name] = given.slice(index).join('/');
      return { parameters, rank: `${rank}2` };
    }
    if (name && segment) parameters[name] = segment;
    else if (part !== (segment ?? '')) return undefined;
    rank += name ? '1' : '0';
  }
  return given.length <= wanted.length ? { parameters, rank } : undefined;
}
