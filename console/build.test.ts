import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { buildConsole } from './build.ts';

const outDir = mkdtempSync(join(tmpdir(), 'caudal-console-'));
afterAll(() => rmSync(outDir, { recursive: true }));

const built = buildConsole(outDir);
const gzipped = (files: readonly string[]): number =>
  files.reduce((sum, file) => sum + gzipSync(readFileSync(join(outDir, file))).length, 0);
const textOf = (file: string): string => readFileSync(join(outDir, file), 'utf8');

describe('what is built', () => {
  test('is at most 100 KB at first load and 150 KB in all, compressed', () => {
    expect(gzipped(['index.html', ...built.first])).toBeLessThan(100_000);
    expect(gzipped(built.files)).toBeLessThan(150_000);
  });

  test('is made of the console, and of the libraries that it names', () => {
    const inputs = Object.keys(built.metafile.inputs);
    const libraries = inputs
      .map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1])
      .filter((name) => name !== undefined);
    expect([...new Set(libraries)].sort()).toEqual(['oauth4webapi', 'preact', 'uplot', 'world-atlas']);
    expect(inputs.filter((file) => !/^(console|node_modules)\//.test(file))).toEqual([]);
  });

  test('has the outline of land in a chunk of its own, which only the map loads', () => {
    const { outputs } = built.metafile;
    const withLand = Object.keys(outputs).filter((path) =>
      Object.keys(outputs[path]?.inputs ?? {}).some((input) => input.includes('world-atlas')),
    );
    expect(withLand).toHaveLength(1);
    const importers = Object.values(outputs).flatMap(({ imports }) =>
      imports.filter(({ path }) => path === withLand[0]).map(({ kind }) => kind),
    );
    expect(importers).toEqual(['dynamic-import']);
  });

  test('names each asset by its content, so that it may be cached for ever', () => {
    const assets = built.files.filter((file) => file.startsWith('assets/'));
    expect(assets.filter((file) => !/^assets\/[\w.]+-[0-9A-Z]{8}\.(js|css)$/.test(file))).toEqual([]);
    expect(built.files.filter((file) => !file.startsWith('assets/'))).toEqual(['index.html', 'licences.txt']);
  });

  test('runs under a policy without inline scripts, inline styles and eval', () => {
    const page = textOf('index.html');
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
    const scripts = built.files.filter((file) => file.endsWith('.js')).map(textOf);
    expect(scripts.filter((text) => /\beval\(|new Function\(/.test(text))).toEqual([]);
  });

  test('asks no other host for anything', () => {
    const page = textOf('index.html');
    expect([...page.matchAll(/(?:src|href)="(?!\/|data:)([^"]*)"/g)]).toEqual([]);
    const styles = built.files.filter((file) => file.endsWith('.css')).map(textOf);
    expect(styles.filter((text) => /url\((?!["']?data:)|@import/.test(text))).toEqual([]);
  });

  test('is found by the page: scripts and styles of the first load', () => {
    for (const file of built.first) expect(textOf('index.html')).toContain(`"/${file}"`);
  });
});
