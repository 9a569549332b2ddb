import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { isLoopbackName } from './host-names.js';
import { CONFIG } from './tokens.js';

/** Where people reach this orchestrator: known when it listens. */
@Injectable()
export class Address {
  private port: number;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    this.port = config.port;
  }

  /** Told by `main.ts` the port that it really got. */
  listening(port: number): void {
    this.port = port;
  }

  /** Scheme, host and port without a slash at the end, for example `http://127.0.0.1:4870`. */
  get base(): string {
    return this.config.publicUrl ?? this.local;
  }

  /** Where other machines reach it, as far as it was said: PUBLIC_URL, or a host that is no loopback. */
  get outside(): string | null {
    const { host, publicUrl } = this.config;
    const isNamed = host !== '0.0.0.0' && host !== '::' && !isLoopbackName(host);
    return publicUrl ?? (isNamed ? this.local : null);
  }

  /** As {@link base}, for programs on this machine. */
  get local(): string {
    const { host } = this.config;
    const everywhere = host === '0.0.0.0' || host === '::';
    const name = everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
    return `http://${name}:${this.port}`;
  }

  /** Whether the browser that sent a request came by https: to us, or to the proxy in front that PUBLIC_URL names. */
  isHttps(request: { readonly protocol: string; readonly host: string }): boolean {
    return request.protocol === 'https' || `https://${request.host}` === this.config.publicUrl;
  }

  /** The dashboard's page of a task. */
  taskUrl(taskId: string): string {
    return `${this.base}/tasks/${taskId}`;
  }
}
