/** Tokens of share links and API keys. */
const CREDENTIAL = /(?<!\w)(ers_(?:share|[0-9a-f]{16})_)[^\s/?#'"]+/g;

const decoded = (part: string): string => {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** The text without the secret part of our credentials, percent-encoded ones too; any other text as it is. */
export const withoutCredentials = (text: string): string =>
  text
    .split('/')
    .map((part) => {
      const plain = decoded(part);
      const masked = plain.replace(CREDENTIAL, '$1…');
      return masked === plain ? part : masked;
    })
    .join('/');

/** The path of a request as it may be logged and answered: without its query, which may carry a signature, and credentials. */
export const maskedPath = (url: string): string => withoutCredentials(url.split('?')[0] ?? '/');
