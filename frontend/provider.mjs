// An OpenID provider on a free port of this computer, for the tests of signing in. Usage: node provider.mjs RETURN_ADDRESS
// Whoever signs in names any login; the part of it before a full stop says where the groups after it are told.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const redirect_uris = [process.argv[2]];
const client = { client_secret: "a secret of tests alone", redirect_uris, response_types: ["code"], grant_types: ["authorization_code"] };

// "id_token.chairs.members": the groups chairs and members, told in the identity token alone.
const claimsOf = (login, use) => {
  const [where, ...groups] = login.split(".");
  return { sub: login, name: `Name of ${login}`, ...(where === use ? { groups } : {}) };
};

const server = createServer((request, response) => answer(request, response));
let answer = (_request, response) => response.writeHead(503).end();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: ["targeting", "another"].map((client_id) => ({ ...client, client_id })),
    claims: { openid: ["sub"], profile: ["name", "groups"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ["a key of tests alone"] },
    findAccount: (_context, login) => ({ accountId: login, claims: (use) => claimsOf(login, use) }),
  });
  answer = provider.callback();
  console.log(issuer);
});
