const UNSAFE = /[\p{Cc}\p{Cf}\p{Surrogate}<>:"/\\|?*%]+/gu;
const LONGEST = 120;

/** A file's name out of whatever people called the export: without folders and what file systems refuse. */
export const fileNameOf = (name: string, extension: string): string => {
  const plain = name
    .replace(UNSAFE, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/^[.\s]+/, '')
    .slice(0, LONGEST)
    .toWellFormed()
    .trim();
  return `${plain === '' ? 'export' : plain}.${extension}`;
};
