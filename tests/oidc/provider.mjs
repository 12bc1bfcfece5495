// A real identity provider for the tests of single sign-on (oidc-provider), on this machine and for one test.
//
// Environment: ORIGIN, where Hearback is; PORT (any free one if not given); CLIENT and SECRET, its credentials here.
// Prints the issuer on a line of its own once it listens. There are no passwords: whoever comes to the sign-in page
// with `?as=NAME` is NAME. `POST /test/groups?of=NAME&are=a,b` says in which groups NAME is.

import { createServer } from 'node:http';
import { once } from 'node:events';
import Provider from 'oidc-provider';

const { ORIGIN, CLIENT, SECRET, PORT = '0' } = process.env;
const groups = new Map();
// What the library has to say is no issuer.
console.info = console.error;
console.warn = console.error;

const server = createServer();
server.listen(Number(PORT), '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: CLIENT,
      client_secret: SECRET,
      redirect_uris: [`${ORIGIN}/sign-in/sso/callback`],
      backchannel_logout_uri: `${ORIGIN}/sign-in/sso/logout`,
      backchannel_logout_session_required: true,
    },
  ],
  cookies: { keys: ['only for tests'] },
  claims: { openid: ['sub', 'groups', 'email', 'email_verified'] },
  conformIdTokenClaims: false,
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = form;
      },
    },
  },
  // It asks no machine of a private network by itself; the one that is tested is on this very machine.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: 'wren@example.org', email_verified: true, groups: groups.get(id) ?? [] }),
  }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  // Everybody agrees to everything: what people agree to at their provider is not what is tested.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid');
    grant.addOIDCClaims(['groups', 'email', 'email_verified']);
    await grant.save();
    return grant;
  },
  pkce: { required: () => true },
  renderError: (ctx, out) => {
    ctx.body = JSON.stringify(out);
  },
});
provider.on('server_error', (_ctx, error) => console.error(error));
provider.on('backchannel.error', (_ctx, error) => console.error(error));

const answer = provider.callback();
server.on('request', async (request, response) => {
  const url = new URL(request.url, issuer);
  try {
    if (url.pathname.startsWith('/interaction/')) {
      await provider.interactionDetails(request, response);
      const accountId = url.searchParams.get('as');
      await provider.interactionFinished(request, response, { login: { accountId } });
    } else if (url.pathname === '/test/groups') {
      groups.set(url.searchParams.get('of'), url.searchParams.get('are').split(',').filter(Boolean));
      response.end();
    } else {
      answer(request, response);
    }
  } catch (error) {
    console.error(error);
    response.statusCode = 500;
    response.end(String(error));
  }
});
console.log(issuer);
