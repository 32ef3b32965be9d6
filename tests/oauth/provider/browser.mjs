// Plays a person's browser at the server's pages:
//   node browser.mjs device VERIFICATION_URI USER_CODE approve|deny
//   node browser.mjs code AUTHORIZATION_URL approve|deny [print]
const USAGE = 'usage: browser.mjs device URI USER_CODE approve|deny | code URL approve|deny [print]';
const cookies = [];

function storeCookies(url, response) {
  for (const line of response.headers.getSetCookie()) {
    const [pair, ...attributes] = line.split(/;\s*/);
    const [, name, value] = /^([^=]*)=(.*)$/.exec(pair);
    const attribute = (key) => attributes.find((a) => a.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const cookie = { name, value, host: url.hostname, path: attribute('path') ?? '/' };
    const old = cookies.findIndex((c) => c.name === name && c.host === cookie.host && c.path === cookie.path);
    if (old >= 0) cookies.splice(old, 1);
    const expires = attribute('expires');
    if (!expires || new Date(expires) > new Date()) cookies.push(cookie);
  }
}

function cookieHeader({ hostname, pathname }) {
  const inPath = (path) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
  return cookies.filter((c) => c.host === hostname && inPath(c.path)).map((c) => `${c.name}=${c.value}`).join('; ');
}

async function request(url, form) {
  const headers = { accept: 'text/html' };
  const cookie = cookieHeader(url);
  if (cookie) headers.cookie = cookie;
  const response = await fetch(url, {
    method: form ? 'POST' : 'GET',
    headers,
    body: form && new URLSearchParams(form),
    redirect: 'manual',
    signal: AbortSignal.timeout(30_000),
  });
  storeCookies(url, response);
  return response;
}

// Follows redirects to the next page, or to the first URL that leaves the server.
async function go(url, form) {
  const { origin } = url;
  for (let hops = 0; hops < 20; hops += 1) {
    const response = await request(url, form);
    const location = response.headers.get('location');
    if (!location) return { url, html: await response.text() };
    form = undefined;
    url = new URL(location, url);
    if (url.origin !== origin) return { callback: url };
  }
  throw new Error('too many redirects');
}

const unescape = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"')
  .replaceAll('&#39;', "'").replaceAll('&amp;', '&');
const attributesOf = (tag) => Object.fromEntries(
  [...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, unescape(value)]),
);
const textOf = (html) => unescape(html.replace(/<style[^]*?<\/style>|<title[^]*?<\/title>|<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim();

function formOf({ html, url }) {
  const match = /<form([^>]*)>([^]*?)<\/form>/.exec(html);
  if (!match) return undefined;
  const fields = {};
  for (const [, tag] of match[2].matchAll(/<input([^>]*)>/g)) {
    const { name, value } = attributesOf(tag);
    if (name) fields[name] = value ?? '';
  }
  return { action: new URL(attributesOf(match[1]).action, url), fields };
}

// The [ Cancel ] link of the login and consent pages.
function cancelOf({ html, url }) {
  const link = [...html.matchAll(/<a([^>]*)>([^<]*)<\/a>/g)].find(([, , label]) => label.includes('Cancel'));
  if (!link) throw new Error('no cancel link');
  return new URL(attributesOf(link[1]).href, url);
}

// Goes from page to page until the server sends the browser away or has nothing more to fill in.
async function walk(start, approve, userCode) {
  let page = await go(new URL(start));
  for (let steps = 0; steps < 20; steps += 1) {
    if (page.callback) return page;
    const complaint = /<p class="red">([^<]*)</.exec(page.html)?.[1];
    if (complaint) {
      if (!approve && complaint.includes('interrupted')) return page;
      throw new Error(complaint);
    }
    const form = formOf(page);
    if (!form) return page;
    const { fields } = form;
    if (fields.prompt === 'login') {
      page = await go(form.action, { ...fields, login: 'alice', password: 'secret' });
    } else if (fields.prompt === 'consent') {
      page = approve ? await go(form.action, fields) : await go(cancelOf(page));
    } else if (fields.confirm) {
      page = await go(form.action, approve ? fields : { ...fields, abort: 'yes' });
    } else if (fields.user_code === '') {
      page = await go(form.action, { ...fields, user_code: userCode });
    } else {
      page = await go(form.action, fields); // a page that submits itself by script
    }
  }
  throw new Error('no end of pages');
}

async function device(uri, userCode, decision) {
  const approve = decision === 'approve';
  const page = await walk(uri, approve, userCode);
  if (page.callback) throw new Error(`sent away to ${page.callback}`);
  if (approve && !page.html.includes('Sign-in Success')) throw new Error(textOf(page.html));
}

async function code(authorizationUrl, decision, print) {
  const { callback, html } = await walk(authorizationUrl, decision === 'approve');
  if (!callback) throw new Error(textOf(html));
  if (process.env.STATE !== undefined) callback.searchParams.set('state', process.env.STATE);
  if (print) console.log(callback.href);
  else console.log((await request(callback)).status);
}

async function main([flow, ...args]) {
  const decision = args[flow === 'device' ? 2 : 1];
  if (!['approve', 'deny'].includes(decision)) throw new Error(USAGE);
  if (flow === 'device') await device(...args);
  else if (flow === 'code' && [undefined, 'print'].includes(args[2])) await code(...args);
  else throw new Error(USAGE);
}

main(process.argv.slice(2)).catch((error) => {
  const cause = error.cause?.code ? ` (${error.cause.code})` : '';
  console.error(`browser: ${error.message}${cause}`.replace(/\s+/g, ' '));
  process.exitCode = 1;
});
