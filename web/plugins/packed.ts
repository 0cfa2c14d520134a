import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { promisify } from 'node:util';
import type { Plugin } from 'vite';

const WORTH_PACKING = /\.(css|html|js|json|svg|txt)$/;
const AT_LEAST_BYTES = 1024;

/** Writes `.gz` and `.br` beside every built text, so that the server need not pack anything. */
export function packed(folder: string): Plugin {
  return {
    name: 'packed',
    apply: 'build',
    async closeBundle() {
      const names = await readdir(folder, { recursive: true });
      await Promise.all(
        names.filter((name) => WORTH_PACKING.test(name)).map((name) => pack(join(folder, name))),
      );
    },
  };
}

async function pack(path: string): Promise<void> {
  const content = await readFile(path);
  if (content.byteLength < AT_LEAST_BYTES) return;
  const [small, smaller] = await Promise.all([
    promisify(gzip)(content, { level: 9 }),
    promisify(brotliCompress)(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.byteLength,
      },
    }),
  ]);
  await Promise.all([writeFile(`${path}.gz`, small), writeFile(`${path}.br`, smaller)]);
}
