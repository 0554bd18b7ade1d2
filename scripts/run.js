/**
 * Runs a command of the repo: `node scripts/run.js src/auth/token.cli.ts [arguments]`. Compiles first what changed, quietly,
 * so that the command's own output is all there is on stdout.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const [source, ...args] = process.argv.slice(2);
// a bench imports the sources by their place beside it, so both are compiled side by side
const target = source.startsWith('src/')
  ? { folders: ['src'], out: 'dist', strip: true }
  : { folders: ['src', 'bench'], out: 'dist/tools', strip: false };

const newest = (folder) =>
  Math.max(
    ...readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );

const out = join(root, target.out);
const mark = join(out, '.built-at');
const builtAt = existsSync(mark) ? Date.parse(readFileSync(mark, 'utf8')) : -1;
if (target.folders.some((folder) => newest(folder) > builtAt)) {
  const startedAt = new Date();
  const swc = join(root, 'node_modules/@swc/cli/bin/swc.js');
  const options = [
    '-d',
    out,
    '--config-file',
    join(root, '.swcrc'),
    '--quiet',
    ...(target.strip ? ['--strip-leading-paths'] : []),
  ];
  const { status, stderr } = spawnSync(process.execPath, [swc, ...target.folders, ...options], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) {
    process.stderr.write(stderr);
    process.exit(status ?? 1);
  }
  writeFileSync(mark, startedAt.toISOString());
}

const compiled = join(out, (target.strip ? source.slice('src/'.length) : source).replace(/\.ts$/, '.js'));
// a bench shares two processors with what it measures: one helper thread of V8 is enough, as for the service itself
const flags = target.strip ? [] : ['--v8-pool-size=1'];
const { status } = spawnSync(process.execPath, [...flags, compiled, ...args], { stdio: 'inherit' });
process.exit(status ?? 1);
