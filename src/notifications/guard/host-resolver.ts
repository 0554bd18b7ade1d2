import { type LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';

/** Names to addresses as the system does it; tests put another in its place. */
@Injectable()
export class HostResolver {
  /** All addresses of a name. @throws Error where it has none */
  resolve(host: string): Promise<LookupAddress[]> {
    return lookup(host, { all: true });
  }
}
