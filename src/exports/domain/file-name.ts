const UNSAFE = /[\p{Cc}\p{Cf}\p{Surrogate}<>:"/\\|?*%]+/gu;
const LONGEST = 120;

/** A file's name out of whatever people called the export: without folders and what file systems refuse. */
export const fileNameOf = (name: string, extension: string): string => {
  const plain = name
    .replace(UNSAFE, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/^\.+/, '')
    .slice(0, LONGEST)
    .toWellFormed()
    .trim();
  return `${plain === '' ? 'export' : plain}.${extension}`;
};

const attrChar = (text: string): string =>
  encodeURIComponent(text).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** RFC 6266: an ASCII name for everybody, and the real one in UTF-8 (RFC 8187) for those who read it. */
export const contentDisposition = (fileName: string): string => {
  const ascii = fileName
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^\x20-\x7e]/g, '_')
    .replaceAll(/["\\]/g, '_');
  const extended = ascii === fileName ? '' : `; filename*=UTF-8''${attrChar(fileName)}`;
  return `attachment; filename="${ascii}"${extended}`;
};
