import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { PERMISSION_KEY, PUBLIC_KEY } from './access.decorators.js';

type Handler = (...args: never[]) => unknown;

/** Stops the boot when a route says neither `@Permit(...)` nor `@Public()`: forgetting it must not go unnoticed. */
@Injectable()
export class RoutePolicy implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const open = this.undeclaredRoutes();
    if (open.length > 0) throw new Error(`These routes have neither @Permit(...) nor @Public(): ${open.join(', ')}`);
  }

  /** `Controller.method` of each route that declares no access. */
  undeclaredRoutes(): string[] {
    return this.discovery.getControllers().flatMap(({ metatype, instance }) => {
      const prototype: unknown = Object.getPrototypeOf(instance);
      if (typeof metatype !== 'function' || typeof prototype !== 'object' || prototype === null) return [];
      const methods = prototype as Record<string, Handler>;
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((name) => this.isUndeclaredRoute(methods[name], metatype as Handler))
        .map((name) => `${metatype.name}.${name}`);
    });
  }

  private isUndeclaredRoute(handler: Handler | undefined, controller: Handler): boolean {
    if (handler === undefined || !Reflect.hasMetadata(PATH_METADATA, handler)) return false;
    return [PERMISSION_KEY, PUBLIC_KEY].every(
      (key) => this.reflector.getAllAndOverride<unknown>(key, [handler, controller]) === undefined,
    );
  }
}
