import * as z from 'zod/mini';
import { nothing } from './fields.ts';
import type { Routes } from './route.ts';

export const service = {
  health: {
    method: 'GET',
    path: '/health',
    scope: null,
    tag: 'service',
    summary: 'Whether the API answers, and its version',
    parameters: nothing,
    status: 200,
    answer: z.strictObject({ status: z.literal('ok'), version: z.string() }),
    problems: [],
  },
  openapi: {
    method: 'GET',
    path: '/openapi.json',
    scope: null,
    tag: 'service',
    summary: 'This document',
    parameters: nothing,
    status: 200,
    tagged: true,
    answer: z.looseObject({ openapi: z.string() }),
    problems: [],
  },
} as const satisfies Routes;
