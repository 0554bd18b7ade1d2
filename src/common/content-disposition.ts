const attrChar = (text: string): string =>
  encodeURIComponent(text).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * The Content-Disposition of a file that is saved, not shown (RFC 6266): an ASCII name for everybody and, where that is not
 * the whole truth, the real one in UTF-8 (RFC 8187).
 */
export const contentDisposition = (fileName: string): string => {
  const name = fileName.toWellFormed();
  const ascii = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    // % too: some programs take what follows it for an escape
    .replaceAll(/[^\x20-\x7e]|["\\%]/gu, '_');
  const extended = ascii === name ? '' : `; filename*=UTF-8''${attrChar(name)}`;
  return `attachment; filename="${ascii}"${extended}`;
};
