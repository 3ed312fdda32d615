// Bundles the pages into ../wwwroot/dist: one HTML file a page, everything else under assets/ with a digest in its name.
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const here = path => fileURLToPath(new URL(path, import.meta.url));
const out = here('../wwwroot/dist/');

const pages = [
  { name: 'index', title: 'Grid', entry: 'src/home/main.tsx', current: './' },
  { name: 'map', title: 'Map · Grid', entry: 'src/map/main.tsx', current: 'map' },
  { name: 'viewer3d', title: '3D · Grid', entry: 'src/viewer3d/main.tsx', current: 'viewer3d' },
  { name: 'builds', title: 'Builds · Grid', entry: 'src/builds/main.tsx', current: 'builds' },
  { name: 'data', title: 'Data · Grid', entry: 'src/data/main.tsx', current: 'data' },
  { name: 'operations', title: 'Operations · Grid', entry: 'src/operations/main.tsx', current: 'operations' },
];

await rm(out, { recursive: true, force: true });
await mkdir(out + 'assets', { recursive: true });

const result = await esbuild.build({
  entryPoints: Object.fromEntries(pages.map(page => [page.name, here(page.entry)])),
  outdir: out,
  entryNames: 'assets/[name]-[hash]',
  chunkNames: 'assets/[name]-[hash]',
  assetNames: 'assets/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['es2022'],
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  metafile: true,
  legalComments: 'linked',
  logLevel: 'warning',
});

const icon = await readFile(here('static/icon.svg'));
const iconName = `assets/icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8).toUpperCase()}.svg`;
await writeFile(out + iconName, icon);
await cp(here('static/robots.txt'), out + 'robots.txt');

const shell = await readFile(here('pages/shell.html'), 'utf8');
for (const page of pages) {
  const [file, output] = Object.entries(result.metafile.outputs).find(([, o]) => o.entryPoint?.endsWith(page.entry));
  const html = shell
    .replaceAll('{{title}}', page.title)
    .replaceAll('{{page}}', page.name)
    .replaceAll('{{icon}}', iconName)
    .replaceAll('{{script}}', `assets/${basename(file)}`)
    .replaceAll('{{style}}', `assets/${basename(output.cssBundle)}`)
    .replace(`href="${page.current}"`, `href="${page.current}" aria-current="page"`)
    .replace('{{main}}', await readFile(here(`pages/${page.name}.html`), 'utf8'));
  await writeFile(`${out}${page.name}.html`, html);
}

const bytes = Object.values(result.metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
console.log(`pages: ${pages.length} pages, ${(bytes / 1000).toFixed(0)} kB of scripts and styles in ${out}`);
