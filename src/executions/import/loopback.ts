const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether a URL leads to this machine. The whole host counts: `127.evil.com` and `localhost.example.com` are elsewhere. */
export const isLoopback = (url: string): boolean => LOOPBACK.test(new URL(url).hostname);
