export interface WelcomeOptions {
  /** Such as http://localhost:3000 */
  readonly origin: string;
  readonly apiPrefix: string;
  /** Of an admin of organization `demo`; undefined where the keys are somebody else's (JWKS). */
  readonly token: string | undefined;
}

/** What the start prints for the person who just ran it: URLs, a token, and commands to copy. */
export const welcome = ({ origin, apiPrefix, token }: WelcomeOptions): string => {
  const api = `${origin}/${apiPrefix}`;
  const lines = ['', `  Docs   ${origin}/docs`, `  API    ${api}`, `  Health ${api}/health`];
  if (token !== undefined)
    lines.push('', '  To copy (the token: organization demo, role admin, a week):', '', ...commands(api, token));
  return `${lines.join('\n')}\n`;
};

/** In one shell, one after the other, from the folder of the repo. */
const commands = (api: string, token: string): string[] => [
  `TOKEN=${token}`,
  '# import a JUnit file',
  `curl -sS -H "Authorization: Bearer $TOKEN" -F project=shop -F branch=main -F build.id=first -F file=@docs/examples/junit.xml ${api}/runs/import`,
  '# open its report (of the last 30 days)',
  `curl -sS -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"type":"summary","filter":{"projects":["shop"]}}' ${api}/reports/generate`,
  '# ask its gate: may I merge?',
  `curl -sS -H "Authorization: Bearer $TOKEN" -H 'Accept: text/plain' ${api}/builds/first/gate`,
];
