import { dirname } from 'node:path';
import { documentOf } from './pdf-document.js';
import type { PdfInput } from './pdf-input.js';
import { bundledFont, pdfmake } from './pdfmake.js';

const font = (style: string): string => bundledFont(`Roboto/Roboto-${style}.ttf`);
const FONTS = dirname(font('Regular'));

pdfmake.setFonts({
  Roboto: {
    normal: font('Regular'),
    bold: font('Medium'),
    italics: font('Italic'),
    bolditalics: font('MediumItalic'),
  },
});
// a text of a client must not make the document read a file or ask a server
pdfmake.setUrlAccessPolicy(() => false);
pdfmake.setLocalAccessPolicy((path) => path.startsWith(FONTS));

/** The bytes of a document. Takes a second of CPU per few thousand table rows. */
export const renderPdf = (input: PdfInput): Promise<Uint8Array> => pdfmake.createPdf(documentOf(input)).getBuffer();
