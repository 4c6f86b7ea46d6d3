import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawioOf, svgOf } from './draw.ts';
import { modelOf } from './model.ts';
import { drawnTemplates } from './templates.ts';

// Draws docs/architecture.svg and docs/architecture.drawio from the templates: node infra/diagram/main.ts

const root = join(import.meta.dirname, '..', '..');
const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as {
  context: Record<string, unknown>;
};
const { shipped, all } = drawnTemplates(context);
const model = modelOf(all, shipped);
writeFileSync(join(root, 'docs', 'architecture.svg'), svgOf(model));
writeFileSync(join(root, 'docs', 'architecture.drawio'), drawioOf(model));
