import { expect } from 'vitest';
import { operations } from '../../handlers/api/contract/operations.ts';
import { problemDocument } from '../../handlers/api/contract/problem-document.ts';
import type { routes } from '../../handlers/api/contract/routes.ts';
import type { HttpAnswer, HttpRequest } from '../../handlers/api/http/http.ts';
import { targetsOf } from './api-requests.ts';
import { body } from './api-world.ts';

/** A document of `/openapi.json`, as far as answers are held against it. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
}

interface DocumentedOperation {
  readonly operationId: (typeof routes)[number]['operation'];
  readonly responses: Readonly<Record<string, unknown>>;
}

/** Holds an answer to what the document tells: its status, its shape; and that it gives nothing of the inside away. */
export function conformanceTo(document: ApiDocument): (sent: HttpRequest, answer: HttpAnswer) => void {
  const targets = new Map(targetsOf(document).map((target) => [`${target.method} ${target.path}`, target]));
  return (sent, answer) => {
    expect(answer.status).toBeLessThan(500);
    expect(answer.body).not.toMatch(/\n\s+at |\.[cm]?[jt]s:\d+|node:internal/);
    const operation = targets.get(`${sent.method} ${sent.route}`)?.operationId;
    const told = document.paths[sent.route]?.[sent.method.toLowerCase()]?.responses ?? {};
    expect(Object.keys(told)).toContain(String(answer.status));
    if (answer.status >= 400) problemDocument.parse(body(answer));
    else if (operation && answer.headers['content-type'] === 'application/json') {
      const { answer: schema } = operations[operation];
      expect(() => (schema as typeof problemDocument).parse(body(answer))).not.toThrow();
    }
  };
}
