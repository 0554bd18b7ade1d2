import { createRequire } from 'node:module';

/**
 * What is used of pdfmake. Its published types bring the DOM's globals into the whole program, which then takes `window`
 * for something that is there.
 */
export type Content = Readonly<Record<string, unknown>>;
export type TableCell = Content;

interface PlacedNode {
  readonly headlineLevel?: number;
  readonly startPosition: { readonly verticalRatio: number };
}

export interface PdfDefinition {
  readonly pageSize: { readonly width: number; readonly height: number };
  readonly pageMargins: readonly [left: number, top: number, right: number, bottom: number];
  readonly info: Readonly<Record<string, string>>;
  readonly defaultStyle: Readonly<Record<string, unknown>>;
  readonly header: (page: number) => Content;
  readonly footer: (page: number, pages: number) => Content;
  readonly pageBreakBefore: (node: PlacedNode) => boolean;
  readonly content: readonly Content[];
}

interface PdfMake {
  setFonts(fonts: Readonly<Record<string, Readonly<Record<string, string>>>>): void;
  setUrlAccessPolicy(isAllowed: (url: string) => boolean): void;
  setLocalAccessPolicy(isAllowed: (path: string) => boolean): void;
  createPdf(definition: PdfDefinition): { getBuffer(): Promise<Buffer> };
}

const load = createRequire(import.meta.url);

export const pdfmake = load('pdfmake') as PdfMake;

/** Folder and file of a font that comes with it. */
export const bundledFont = (file: string): string => load.resolve(`pdfmake/fonts/${file}`);
