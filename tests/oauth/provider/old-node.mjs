// What oidc-provider uses and Node 18, which Debian 12 has, does not know. With Node 20 it does nothing.
import crypto from 'node:crypto';
import module from 'node:module';

globalThis.crypto ??= crypto.webcrypto;
URL.parse ??= (url, base) => {
  try { return new URL(url, base); } catch { return null; }
};
if (!crypto.hash) {
  // The names of a built-in module are fixed, so that calls of the new one are led elsewhere.
  globalThis.hashOf = (name, data, form) => {
    const hash = crypto.createHash(name).update(data);
    return form === 'buffer' ? hash.digest() : hash.digest(form);
  };
  module.register(`data:text/javascript,${encodeURIComponent(`
    export async function load(url, context, next) {
      const loaded = await next(url, context);
      if (!url.includes('/oidc-provider/lib/') || loaded.format !== 'module') return loaded;
      return { ...loaded, source: String(loaded.source).replaceAll('crypto.hash(', 'globalThis.hashOf(') };
    }
  `)}`);
}
