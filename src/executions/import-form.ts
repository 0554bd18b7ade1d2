import { DomainError } from '../common/index.js';
import { LIMITS } from './domain/limits.js';

export interface FormLimits {
  /** Of all files, packed and unpacked. */
  readonly formBytes: number;
  readonly resultsPerForm: number;
  /** Up to here no form waits for others. */
  readonly smallFormBytes: number;
}

/**
 * What one form has brought so far. Its files are read one by one, but their rows stay in memory until the last one has
 * come: so all of them together have limits, and of the large ones only a few are read at a time.
 */
export class ImportForm {
  private received = 0;
  private unpacked = 0;
  private results = 0;
  private leave: (() => void) | undefined;

  /** @param enter waits for a place among the large forms, and answers how to give it back */
  constructor(
    private readonly enter: () => Promise<() => void>,
    private readonly limits: FormLimits = LIMITS,
  ) {}

  /** @throws DomainError 413 `form_too_large`, 503 `import_busy` */
  async addReceived(bytes: number): Promise<void> {
    await this.makeRoom((this.received += bytes));
  }

  /** @throws DomainError 413 `form_too_large`, 503 `import_busy` */
  async addUnpacked(bytes: number): Promise<void> {
    await this.makeRoom((this.unpacked += bytes));
  }

  /** @throws DomainError 413 `form_too_large` */
  addResults(count: number): void {
    this.results += count;
    const { resultsPerForm } = this.limits;
    if (this.results > resultsPerForm) throw tooLarge(`${resultsPerForm.toLocaleString('en')} results`);
  }

  /** To be called whatever has become of it. */
  end(): void {
    this.leave?.();
    this.leave = undefined;
  }

  private async makeRoom(bytes: number): Promise<void> {
    const { formBytes, smallFormBytes } = this.limits;
    if (bytes > formBytes) throw tooLarge(`${formBytes} bytes`);
    if (bytes > smallFormBytes) this.leave ??= await this.enter();
  }
}

const tooLarge = (most: string): DomainError =>
  new DomainError(
    'too_large',
    'form_too_large',
    `The files of one form may have ${most} at most: send them in several`,
  );
