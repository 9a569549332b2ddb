import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

/** Where `pnpm dev` expects the orchestrator. */
const orchestrator = 'http://127.0.0.1:4870';

/** The orchestrator takes unsafe requests of a session only from its own origin; in development the page has Vite's. */
const proxied = { target: orchestrator, changeOrigin: true, headers: { origin: orchestrator } };

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { conditions: ['corch-source', ...defaultClientConditions] },
  server: { host: '127.0.0.1', port: 4871, proxy: { '/api': proxied, '/health': proxied, '/ops': proxied } },
  build: {
    target: 'es2023',
    // The content security policy allows neither inline scripts nor `data:` addresses beyond images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
