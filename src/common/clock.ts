import { Injectable } from '@nestjs/common';

/** The one source of `now` for services, so that tests can set it. Pure functions take `now` as an argument instead. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }
}
