import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { packed } from './plugins/packed.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = process.env['REENACT_SERVER'] ?? 'http://127.0.0.1:4318';

export default defineConfig({
  plugins: [react(), packed(here('./dist'))],
  resolve: { alias: { '@': here('./src') } },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // The policy of the server takes no fonts from data URLs, and no script in the text.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  server: { port: 4319, proxy: { '/api': { target: server, changeOrigin: true } } },
});
