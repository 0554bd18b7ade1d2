import type { JobOutcome } from './job.js';

const SUMMARY = 500;
const TEXT = 200;
const HREF = 2000;
const ITEMS = 20;

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

/** What is stored of an outcome: a history is read in pages, so no run may make its row big. */
export const boundedOutcome = ({ summary, figures, links, files }: JobOutcome): JobOutcome => ({
  summary: cut(summary, SUMMARY),
  ...(figures && {
    figures: figures.slice(0, ITEMS).map(({ label, value, change }) => ({
      label: cut(label, TEXT),
      value: cut(value, TEXT),
      ...(change !== undefined && { change: cut(change, TEXT) }),
    })),
  }),
  ...(links && {
    links: links
      .slice(0, ITEMS)
      .filter(({ href }) => href.length <= HREF)
      .map(({ title, href }) => ({ title: cut(title, TEXT), href })),
  }),
  ...(files && { files: files.slice(0, ITEMS).map((file) => ({ ...file, name: cut(file.name, TEXT) })) }),
});
