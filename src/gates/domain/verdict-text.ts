/** What a verdict's text is made of; names are resolved already. */
export interface VerdictText {
  readonly verdict: 'pass' | 'fail' | 'insufficient_data';
  readonly subject: string;
  readonly version: number;
  readonly asOf: number;
  readonly gate: { readonly name: string; readonly baseBranch: string };
  readonly shards: { readonly seen: readonly number[]; readonly expected: number | null };
  readonly reasons: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly verdict: string;
    readonly threshold: number | null;
    readonly message: string;
    readonly evidenceTotal: number;
    readonly evidence: readonly {
      readonly suite: string;
      readonly name: string;
      readonly status: string | null;
      readonly note: string;
      readonly href: string | null;
    }[];
  }[];
}

const WORDS = { pass: 'PASS', fail: 'FAIL', insufficient_data: 'INSUFFICIENT DATA' } as const;
const MARKS: Readonly<Record<string, string>> = { pass: 'ok  ', fail: 'FAIL', insufficient_data: '?   ' };

/** A name that a client chose must not move the cursor of somebody's terminal, nor begin a line of its own. */
const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');

const reasonLines = (reason: VerdictText['reasons'][number]): string[] => {
  const mark = reason.verdict === 'fail' && reason.severity === 'warn' ? 'warn' : (MARKS[reason.verdict] ?? '    ');
  const bound = reason.threshold === null ? '' : ` [threshold ${reason.threshold}]`;
  const shown = reason.verdict === 'pass' ? [] : reason.evidence;
  const more = reason.evidenceTotal - shown.length;
  return [
    `  ${mark} ${reason.rule}: ${reason.message}${bound}`,
    ...shown.map(({ suite, name, status, note, href }) =>
      printable(
        `         - ${suite === '' ? '' : `${suite} > `}${name}${status === null ? '' : ` (${status})`}: ${note}${href === null ? '' : `  ${href}`}`,
      ),
    ),
    ...(shown.length > 0 && more > 0 ? [`         - and ${more} more`] : []),
  ];
};

/** A verdict for the log of a CI step; the first word is the verdict. */
export const verdictText = (verdict: VerdictText): string => {
  const { seen, expected } = verdict.shards;
  const shards = expected === null ? '' : `, shards ${seen.length} of ${expected}`;
  const head = printable(
    `${WORDS[verdict.verdict]}  ${verdict.subject}  (gate "${verdict.gate.name}", against ${verdict.gate.baseBranch}${shards})`,
  );
  return [
    head,
    ...verdict.reasons.flatMap(reasonLines),
    `  version ${verdict.version}, as of ${verdict.asOf}`,
    '',
  ].join('\n');
};
