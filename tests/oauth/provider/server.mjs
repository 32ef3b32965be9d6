// An OAuth 2.0 / OIDC server on loopback, with fault injection in front of it.
// It lives as long as its standard input is open.
import http from 'node:http';

import './old-node.mjs';

// oidc-provider advises its operators on both streams, from its import on; stdout carries only READY.
console.info = console.warn = () => {};
const { default: Provider } = await import('oidc-provider');

const number = (name, fallback) => Number(process.env[name] || fallback);
const ACCESS_TTL = number('ACCESS_TTL', 3600);
const DEVICE_TTL = number('DEVICE_TTL', 600);
const CODE_TTL = number('CODE_TTL', 60);
const REFRESH_TTL = number('REFRESH_TTL', 86400);
const ROTATE = number('ROTATE', 1) === 1;
const INTERVAL = number('INTERVAL', 0); // 0: no `interval` in the device reply
const STRICT_OFFLINE = number('STRICT_OFFLINE', 0) === 1;

const LONG = 14 * 86400;
const RECORDED = ['/token', '/device/auth', '/token/revocation', '/.well-known/openid-configuration', '/me'];
const KINDS = ['status', 'drop_after', 'hang', 'oversized', 'redirect', 'members', 'delay'];

// The built-in store forgets a device code when it expires and then answers
// invalid_grant; this one remembers it, so the answer is expired_token.
class Store {
  rows = new Map();

  async upsert(id, row) { this.rows.set(id, row); }
  async find(id) { return this.rows.get(id); }
  async findByUid(uid) { return [...this.rows.values()].find((row) => row.uid === uid); }
  async findByUserCode(code) { return [...this.rows.values()].find((row) => row.userCode === code); }
  async consume(id) { this.rows.get(id).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { this.rows.delete(id); }
  async revokeByGrantId(grantId) {
    for (const [id, row] of this.rows) if (row.grantId === grantId) this.rows.delete(id);
  }
}

const configuration = {
  adapter: Store,
  clients: [
    {
      client_id: 'native',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/callback'],
    },
    {
      client_id: 'service',
      client_secret: 'service-secret-0123456789',
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    },
    {
      client_id: 'confidential',
      client_secret: 'confidential-secret-0123456789',
      application_type: 'native', // any loopback port, as for `native`
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/callback'],
    },
  ],
  scopes: ['openid', 'offline_access', 'profile', 'api'],
  claims: { openid: ['sub'], profile: ['name'] },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: id }) }),
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    devInteractions: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: { enabled: false },
    revocation: { enabled: true },
    userinfo: { enabled: true },
  },
  pkce: { required: (ctx, client) => client.clientId === 'native' },
  issueRefreshToken: (ctx, client, source) => client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access'),
  rotateRefreshToken: ROTATE,
  clockTolerance: 0, // the default of 15 s would outlive a TTL of 1 s
  ttl: {
    AccessToken: ACCESS_TTL,
    AuthorizationCode: CODE_TTL,
    ClientCredentials: ACCESS_TTL,
    DeviceCode: DEVICE_TTL,
    Grant: LONG,
    IdToken: 3600,
    Interaction: 3600,
    RefreshToken: REFRESH_TTL,
    Session: LONG,
  },
};

let issuer;
let provider;
let requests = [];
let faults = [];

async function handle(req, res) {
  let body = '';
  if (req.method === 'POST') {
    req.setEncoding('utf8');
    for await (const chunk of req) body += chunk;
    req.body = body; // oidc-provider takes it from here when the stream is used up
  }
  const url = new URL(req.url, issuer);
  if (url.pathname.startsWith('/__')) return control(req, res, url.pathname, body);

  const sent = new URLSearchParams(body);
  const grantType = sent.get('grant_type');
  if (RECORDED.includes(url.pathname)) {
    const hint = sent.get('token_type_hint');
    requests.push({ method: req.method, path: url.pathname, grant_type: grantType, hint, at: Date.now() });
  }

  // OIDC Core 11: without prompt=consent offline_access is ignored. Many servers are not so strict.
  if (!STRICT_OFFLINE && url.pathname === '/auth' && !url.searchParams.has('prompt')
    && url.searchParams.get('scope')?.split(' ').includes('offline_access')) {
    url.searchParams.set('prompt', 'consent');
    req.url = url.pathname + url.search;
  }
  if (INTERVAL && url.pathname === '/device/auth') changeReply(res, { interval: INTERVAL });

  const fault = takeFault(url.pathname, grantType);
  switch (fault?.kind) {
    case 'status':
      return reply(res, fault.status, fault.body ?? '', { 'content-type': fault.type ?? 'application/json' });
    case 'redirect':
      return reply(res, 302, '', { location: fault.location });
    case 'oversized':
      return reply(res, 200, oversized(), { 'content-type': 'application/json' });
    case 'hang':
      return undefined;
    case 'drop_after':
      res.write = () => true;
      res.end = () => res.destroy();
      break;
    case 'members': // others in its JSON, such as another issuer
      changeReply(res, fault.members);
      break;
    case 'delay':
      await new Promise((resolve) => { setTimeout(resolve, fault.ms); });
      break;
    default:
  }
  return provider(req, res);
}

function control(req, res, path, body) {
  const json = { 'content-type': 'application/json' };
  switch (`${req.method} ${path}`) {
    case 'GET /__requests':
      return reply(res, 200, JSON.stringify(requests), json);
    case 'POST /__count_reset':
      requests = [];
      return reply(res, 204);
    case 'GET /__faults': // those not used up yet
      return reply(res, 200, JSON.stringify(faults), json);
    case 'POST /__faults': {
      const wanted = JSON.parse(body).map((fault) => ({ times: 1, ...fault }));
      const unknown = wanted.find(({ path: at, kind }) => !at || !KINDS.includes(kind));
      if (unknown) return reply(res, 400, `bad fault: ${JSON.stringify(unknown)}\n`);
      faults = wanted;
      return reply(res, 204);
    }
    default:
      return reply(res, 404);
  }
}

function takeFault(path, grantType) {
  const fault = faults.find((f) => f.path === path && (!f.grant_type || f.grant_type === grantType));
  if (fault) {
    fault.times -= 1;
    if (fault.times < 1) faults.splice(faults.indexOf(fault), 1);
  }
  return fault;
}

function reply(res, status, body = '', headers = {}) {
  res.writeHead(status, headers);
  res.end(body);
}

// Merges `members` into the JSON object that the provider is about to send.
function changeReply(res, members) {
  const end = res.end.bind(res);
  res.end = (body, ...rest) => {
    if (!body || res.statusCode !== 200) return end(body, ...rest);
    const changed = JSON.stringify({ ...JSON.parse(body), ...members });
    res.setHeader('content-length', Buffer.byteLength(changed));
    return end(changed, ...rest);
  };
}

// Valid at every endpoint but for its size, so only a size limit can refuse it.
function oversized() {
  return JSON.stringify({
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    device_authorization_endpoint: `${issuer}/device/auth`,
    access_token: 'oversized',
    token_type: 'Bearer',
    expires_in: 3600,
    device_code: 'oversized',
    user_code: 'OVER-SIZE',
    verification_uri: `${issuer}/device`,
    sub: 'oversized',
    padding: 'x'.repeat(2 * 1024 * 1024),
  });
}

// A pipe closes, /dev/null and files only end.
for (const event of ['end', 'close', 'error']) process.stdin.on(event, () => process.exit());
process.stdin.resume();

const server = http.createServer((req, res) => {
  handle(req, res).catch((error) => {
    console.error(error);
    res.destroy();
  });
});
// Node's 5 s would close idle connections just when a client polls every 5 s.
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  const op = new Provider(issuer, configuration);
  op.on('server_error', (ctx, error) => console.error(error));
  provider = op.callback();
  console.log(`READY ${issuer}`);
});
