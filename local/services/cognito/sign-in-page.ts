import { createHash } from 'node:crypto';
import type { AppClient } from './clients.ts';
import type { User } from './users.ts';

/** A page with what a browser may do with it. */
export interface Page {
  readonly status: number;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The users of a pool, a button each. It has no script, and posts to where it came from. */
export function signInPage(options: {
  client: AppClient;
  redirectUri: string;
  ticket: string;
  users: readonly User[];
}): Page {
  const { client, redirectUri, ticket, users } = options;
  const forms = users.map(
    ({ username, groups }) => `<form method="post" action="authorize">
<input type="hidden" name="ticket" value="${escaped(ticket)}">
<button name="username" value="${escaped(username)}"><b>${escaped(username)}</b> <span>${escaped(groups.join(', ') || 'in no group')}</span></button>
</form>`,
  );
  const choice =
    users.length === 0
      ? '<p>The user pool has no users. The cloud makes those that it is started with.</p>'
      : forms.join('\n');
  // Chromium holds form-action against the redirect that answers the form too.
  const { origin } = new URL(redirectUri);
  return page(
    200,
    'Sign in',
    `<p>to ${escaped(client.name)}, on this machine. No password is asked for: only programs and people of this machine get here.</p>\n${choice}`,
    `'self' ${origin}`,
  );
}

/** Why nobody can sign in, or out, by the link that led here. */
export const failurePage = (reason: string): Page =>
  page(400, 'This link leads nowhere', `<p>${escaped(reason)}</p>`, "'none'");

function page(status: number, title: string, content: string, formAction: string): Page {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
  return {
    status,
    html,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleDigest}'; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      // With none at all the form's Origin would be null.
      'referrer-policy': 'same-origin',
    },
  };
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { box-sizing: border-box; width: min(24rem, 100vw); padding: 1.5rem; }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; }
button { width: 100%; margin: .25rem 0; padding: .75rem 1rem; font: inherit; text-align: left; border: 1px solid GrayText; border-radius: .5rem; cursor: pointer; }
span { float: right; }
`;
const styleDigest = createHash('sha256').update(style).digest('base64');

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
