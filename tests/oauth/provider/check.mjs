// Self-check: server and browser through every flow and every fault, one line each.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { createInterface } from 'node:readline';
import assert from 'node:assert/strict';

const here = (file) => new URL(file, import.meta.url).pathname;
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const SCOPE = 'openid offline_access profile api';
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function startServer(env = {}) {
  const child = spawn(process.execPath, [here('server.mjs')], {
    env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const [, base] = /^READY (http:\/\/127\.0\.0\.1:\d+)$/.exec(line);
  return { child, base };
}

async function browser(args, env = {}) {
  const child = spawn(process.execPath, [here('browser.mjs'), ...args], { env: { ...process.env, ...env } });
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => { out += data; });
  child.stderr.on('data', (data) => { err += data; });
  const [status] = await once(child, 'close');
  return { status, out: out.trim(), err: err.trim() };
}

const { child, base } = await startServer();
let server = base;

async function post(path, params, options = {}) {
  const response = await fetch(server + path, {
    method: 'POST', body: new URLSearchParams(params), redirect: 'manual', ...options,
  });
  const text = await response.text();
  let json;
  try { json = JSON.parse(text); } catch { json = undefined; }
  return { status: response.status, headers: response.headers, text, json };
}
const token = (params, options) => post('/token', { client_id: 'native', ...params }, options);
const refresh = (refreshToken, options) => token({ grant_type: 'refresh_token', refresh_token: refreshToken }, options);
const faults = async (...list) => {
  const response = await fetch(`${server}/__faults`, { method: 'POST', body: JSON.stringify(list) });
  assert.equal(response.status, 204);
};
const control = async (path) => (await fetch(server + path)).json();
const me = (accessToken) => fetch(`${server}/me`, { headers: { authorization: `Bearer ${accessToken}` } });

const startDevice = async () => (await post('/device/auth', { client_id: 'native', scope: SCOPE })).json;
const pollDevice = (device) => token({ grant_type: DEVICE_GRANT, device_code: device.device_code });

function authorization(extra = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: 'native',
    response_type: 'code',
    scope: SCOPE,
    state: 'state-1',
    redirect_uri: 'http://127.0.0.1:45678/callback',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...extra,
  });
  return { url: `${server}/auth?${query}`, verifier, redirectUri: query.get('redirect_uri') };
}

async function signIn(extra, client = {}) {
  const { url, verifier, redirectUri } = authorization(extra);
  const { out, err } = await browser(['code', url, 'approve', 'print']);
  assert.equal(err, '');
  const code = new URL(out).searchParams.get('code');
  const reply = await token({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier, ...client });
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

let failed = 0;
async function check(name, run) {
  try {
    await faults(); // left over from a failed check
    await run();
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${error.message.replace(/\s+/g, ' ')}`);
  }
}

await check('discovery', async () => {
  const metadata = await control('/.well-known/openid-configuration');
  assert.equal(metadata.issuer, base);
  assert.equal(metadata.authorization_endpoint, `${base}/auth`);
  assert.equal(metadata.token_endpoint, `${base}/token`);
  assert.equal(metadata.device_authorization_endpoint, `${base}/device/auth`);
  assert.equal(metadata.revocation_endpoint, `${base}/token/revocation`);
  assert.equal(metadata.introspection_endpoint, `${base}/token/introspection`);
  assert.equal(metadata.userinfo_endpoint, `${base}/me`);
  assert.deepEqual(await control('/.well-known/oauth-authorization-server').then((m) => m.token_endpoint), metadata.token_endpoint);
});

await check('device: approve', async () => {
  const device = await startDevice();
  assert.equal(device.verification_uri, `${base}/device`);
  assert.equal((await pollDevice(device)).json.error, 'authorization_pending');
  assert.deepEqual(await browser(['device', device.verification_uri, device.user_code, 'approve']), { status: 0, out: '', err: '' });
  const { json } = await pollDevice(device);
  assert.ok(json.access_token && json.refresh_token && json.id_token);
  assert.equal(json.scope, SCOPE);
  assert.equal((await (await me(json.access_token)).json()).name, 'alice');
  assert.equal((await pollDevice(device)).json.error, 'invalid_grant');
});

await check('device: approve by verification_uri_complete', async () => {
  const device = await startDevice();
  assert.equal((await browser(['device', device.verification_uri_complete, device.user_code, 'approve'])).status, 0);
  assert.ok((await pollDevice(device)).json.access_token);
});

await check('device: deny', async () => {
  const device = await startDevice();
  assert.deepEqual(await browser(['device', device.verification_uri, device.user_code, 'deny']), { status: 0, out: '', err: '' });
  assert.equal((await pollDevice(device)).json.error, 'access_denied');
});

await check('device: wrong user code', async () => {
  const { status, err } = await browser(['device', `${base}/device`, 'BBBB-BBBB', 'approve']);
  assert.equal(status, 1);
  assert.match(err, /^browser: .*incorrect.*$/);
});

await check('code: approve, PKCE, any loopback port', async () => {
  const json = await signIn();
  assert.ok(json.access_token && json.refresh_token && json.id_token);
  assert.equal(json.scope, SCOPE);
});

await check('code: no refresh token without offline_access', async () => {
  const json = await signIn({ scope: 'openid api' });
  assert.equal(json.refresh_token, undefined);
  assert.equal(json.scope, 'openid api');
});

await check('code: without openid', async () => {
  const json = await signIn({ scope: 'offline_access api' });
  assert.ok(json.refresh_token);
  assert.equal(json.id_token, undefined);
});

await check('code: callback is requested, STATE replaces its state', async () => {
  const seen = [];
  const app = http.createServer((req, res) => {
    seen.push(new URL(req.url, 'http://app'));
    res.writeHead(418).end();
  }).listen(0, '127.0.0.1');
  await once(app, 'listening');
  const { url } = authorization({ redirect_uri: `http://127.0.0.1:${app.address().port}/callback` });
  assert.deepEqual(await browser(['code', url, 'approve']), { status: 0, out: '418', err: '' });
  assert.deepEqual(await browser(['code', url, 'approve'], { STATE: 'xyz' }), { status: 0, out: '418', err: '' });
  app.close();
  assert.deepEqual(seen.map((u) => [u.pathname, u.searchParams.get('state'), u.searchParams.has('code'), u.searchParams.get('iss')]), [
    ['/callback', 'state-1', true, base], ['/callback', 'xyz', true, base],
  ]);
});

await check('code: deny', async () => {
  const { status, out } = await browser(['code', authorization().url, 'deny', 'print']);
  assert.equal(status, 0);
  const callback = new URL(out);
  assert.equal(callback.searchParams.get('error'), 'access_denied');
  assert.equal(callback.searchParams.get('state'), 'state-1');
});

await check('code: no PKCE is sent back as invalid_request', async () => {
  const url = new URL(authorization().url);
  url.searchParams.delete('code_challenge');
  url.searchParams.delete('code_challenge_method');
  const { status, out } = await browser(['code', url.href, 'approve', 'print']);
  assert.equal(status, 0);
  assert.equal(new URL(out).searchParams.get('error'), 'invalid_request');
});

await check('code: foreign redirect_uri ends on an error page', async () => {
  const { status, err } = await browser(['code', authorization({ redirect_uri: 'http://127.0.0.1:1/other' }).url, 'approve']);
  assert.equal(status, 1);
  assert.match(err, /invalid_redirect_uri/);
});

await check('code: nobody listens at the callback', async () => {
  const app = http.createServer().listen(0, '127.0.0.1');
  await once(app, 'listening');
  const { port } = app.address();
  app.close();
  const { status, err } = await browser(['code', authorization({ redirect_uri: `http://127.0.0.1:${port}/callback` }).url, 'approve']);
  assert.equal(status, 1);
  assert.match(err, /^browser: [^\n]*ECONNREFUSED[^\n]*$/);
});

await check('code: wrong verifier', async () => {
  const { url, redirectUri } = authorization();
  const { out } = await browser(['code', url, 'approve', 'print']);
  const reply = await token({
    grant_type: 'authorization_code',
    code: new URL(out).searchParams.get('code'),
    redirect_uri: redirectUri,
    code_verifier: 'x'.repeat(43),
  });
  assert.equal(reply.json.error, 'invalid_grant');
});

await check('code: confidential client', async () => {
  const client = { client_id: 'confidential', client_secret: 'confidential-secret-0123456789' };
  const json = await signIn({ client_id: 'confidential' }, client);
  assert.ok(json.refresh_token);
  const wrong = await token({ grant_type: 'refresh_token', refresh_token: json.refresh_token, ...client, client_secret: 'wrong' });
  assert.equal(wrong.status, 401);
  assert.equal(wrong.json.error, 'invalid_client');
});

await check('refresh: rotation, reuse kills the grant', async () => {
  const first = await signIn();
  const second = (await refresh(first.refresh_token)).json;
  assert.ok(second.refresh_token && second.refresh_token !== first.refresh_token);
  assert.equal((await me(second.access_token)).status, 200);
  const reuse = await refresh(first.refresh_token);
  assert.equal(reuse.status, 400);
  assert.equal(reuse.json.error, 'invalid_grant');
  assert.equal((await refresh(second.refresh_token)).json.error, 'invalid_grant');
  assert.equal((await me(second.access_token)).status, 401);
});

await check('client_credentials', async () => {
  const basic = (secret) => ({ headers: { authorization: `Basic ${btoa(`service:${secret}`)}` } });
  const reply = await post('/token', { grant_type: 'client_credentials', scope: 'api' }, basic('service-secret-0123456789'));
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.json.scope, 'api');
  assert.equal(reply.json.refresh_token, undefined);
  const wrong = await post('/token', { grant_type: 'client_credentials' }, basic('wrong'));
  assert.equal(wrong.status, 401);
  assert.equal(wrong.json.error, 'invalid_client');
});

await check('revocation, introspection', async () => {
  const introspect = async (value) => (await post('/token/introspection', { client_id: 'native', token: value })).json.active;
  const { access_token: access, refresh_token: old } = await signIn();
  assert.equal(await introspect(access), true);
  const revoked = await post('/token/revocation', { client_id: 'native', token: old, token_type_hint: 'refresh_token' });
  assert.equal(revoked.status, 200);
  assert.equal(revoked.text, '');
  assert.equal((await refresh(old)).json.error, 'invalid_grant');
  assert.equal(await introspect(access), false);
  assert.equal((await post('/token/revocation', { client_id: 'native', token: 'unknown' })).status, 200);
});

await check('requests are recorded without values', async () => {
  await post('/__count_reset', {});
  await refresh('secret-value');
  await control('/.well-known/openid-configuration');
  await startDevice();
  await post('/token/revocation', { client_id: 'native', token: 'secret-value', token_type_hint: 'access_token' });
  await me('secret-value');
  await control('/jwks');
  const seen = await control('/__requests');
  assert.ok(seen.every(({ at }, index) => at >= (seen[index - 1]?.at ?? 1e12)));
  assert.deepEqual(seen.map(({ at, ...rest }) => rest), [
    { method: 'POST', path: '/token', grant_type: 'refresh_token', hint: null },
    { method: 'GET', path: '/.well-known/openid-configuration', grant_type: null, hint: null },
    { method: 'POST', path: '/device/auth', grant_type: null, hint: null },
    { method: 'POST', path: '/token/revocation', grant_type: null, hint: 'access_token' },
    { method: 'GET', path: '/me', grant_type: null, hint: null },
  ]);
});

await check('fault: status, in order, by grant_type, times', async () => {
  await faults(
    { path: '/token', grant_type: DEVICE_GRANT, kind: 'status', status: 400, body: '{"error":"slow_down"}', times: 2 },
    { path: '/token', kind: 'status', status: 500, body: '{"error":"server_error","error_description":"\\u001b[31mred"}' },
    { path: '/token', kind: 'status', status: 200, body: '<html>', type: 'text/html' },
  );
  const garbage = await refresh('none');
  assert.equal(garbage.status, 500);
  assert.equal(garbage.json.error_description, '\x1b[31mred');
  const device = await startDevice();
  assert.equal((await pollDevice(device)).json.error, 'slow_down');
  assert.equal((await pollDevice(device)).json.error, 'slow_down');
  const page = await pollDevice(device);
  assert.equal(page.text, '<html>');
  assert.equal(page.headers.get('content-type'), 'text/html');
  assert.equal((await pollDevice(device)).json.error, 'authorization_pending');
  assert.deepEqual(await control('/__faults'), []);
});

await check('fault: drop_after', async () => {
  const { refresh_token: old } = await signIn();
  await faults({ path: '/token', grant_type: 'refresh_token', kind: 'drop_after' });
  await assert.rejects(refresh(old), (error) => error.cause.code === 'UND_ERR_SOCKET');
  assert.equal((await refresh(old)).json.error, 'invalid_grant');
});

await check('fault: hang', async () => {
  await faults({ path: '/token', kind: 'hang' });
  await assert.rejects(refresh('none', { signal: AbortSignal.timeout(300) }), { name: 'TimeoutError' });
  assert.equal((await refresh('none')).json.error, 'invalid_grant');
});

await check('fault: oversized', async () => {
  await faults({ path: '/token', kind: 'oversized' });
  const { status, text, json } = await refresh('none');
  assert.equal(status, 200);
  assert.ok(text.length > 2 * 1024 * 1024 && json.access_token);
});

await check('fault: redirect', async () => {
  await faults({ path: '/token', kind: 'redirect', location: 'http://127.0.0.1:1/elsewhere' });
  const { status, headers } = await refresh('none');
  assert.equal(status, 302);
  assert.equal(headers.get('location'), 'http://127.0.0.1:1/elsewhere');
});

await check('fault: members', async () => {
  const path = '/.well-known/openid-configuration';
  await faults({ path, kind: 'members', members: { issuer: 'https://evil.example' } });
  const changed = await control(path);
  assert.equal(changed.issuer, 'https://evil.example');
  assert.deepEqual({ ...changed, issuer: base }, await control(path));
});

await check('fault: delay', async () => {
  await faults({ path: '/token', kind: 'delay', ms: 300 });
  const start = performance.now();
  assert.equal((await refresh('none')).json.error, 'invalid_grant');
  assert.ok(performance.now() - start >= 299);
});

await check('fault: an unknown kind is refused', async () => {
  const response = await fetch(`${server}/__faults`, { method: 'POST', body: '[{"path":"/token","kind":"typo"}]' });
  assert.equal(response.status, 400);
});

const short = await startServer({
  ACCESS_TTL: '1', CODE_TTL: '3', DEVICE_TTL: '1', REFRESH_TTL: '3', ROTATE: '0', INTERVAL: '1', STRICT_OFFLINE: '1',
});
server = short.base;

await check('lifetimes, INTERVAL', async () => {
  const device = await startDevice();
  assert.equal(device.interval, 1);
  assert.equal(device.expires_in, 1);
  await sleep(1100);
  const expired = await pollDevice(device);
  assert.equal(expired.status, 400);
  assert.equal(expired.json.error, 'expired_token');
  const { url, verifier, redirectUri } = authorization();
  const { out } = await browser(['code', url, 'approve', 'print']);
  await sleep(3100);
  const late = await token({
    grant_type: 'authorization_code', code: new URL(out).searchParams.get('code'), redirect_uri: redirectUri, code_verifier: verifier,
  });
  assert.equal(late.json.error, 'invalid_grant');
});

await check('ROTATE=0, STRICT_OFFLINE=1', async () => {
  assert.equal((await signIn()).refresh_token, undefined);
  const first = await signIn({ prompt: 'consent' });
  assert.equal(first.expires_in, 1);
  await sleep(1100);
  assert.equal((await me(first.access_token)).status, 401);
  const second = (await refresh(first.refresh_token)).json;
  assert.equal(second.refresh_token, first.refresh_token);
  assert.notEqual(second.access_token, first.access_token);
  await sleep(2100);
  assert.equal((await refresh(first.refresh_token)).json.error, 'invalid_grant');
});

await check('the server ends with its standard input', async () => {
  for (const each of [child, short.child]) {
    each.stdin.end();
    if (each.exitCode === null) await once(each, 'exit');
    assert.equal(each.exitCode, 0);
  }
});

process.exitCode = failed ? 1 : 0;
