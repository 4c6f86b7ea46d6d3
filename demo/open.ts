import { spawn } from 'node:child_process';

/** How each system opens an address with the browser that a person has chosen. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [command: string, ...args: string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'], // `start` is of a shell, which would read the address
};

/**
 * Opens an address in the browser, where somebody sits at a terminal; otherwise, and where there is nothing to open it with, it tells why
 * it did not. It doesn't wait for the browser.
 */
export async function openInBrowser(
  url: string,
  tell: (step: string) => void,
  isTerminal = process.stdout.isTTY === true,
): Promise<void> {
  if (!isTerminal) return tell('not opened: this is not a terminal');
  const [command, ...args] = openers[process.platform] ?? ['xdg-open'];
  const browser = spawn(command, [...args, url], { detached: true, stdio: 'ignore' });
  browser.unref();
  await new Promise<void>((resolve) => {
    browser.once('spawn', resolve);
    browser.once('error', ({ message }) => {
      tell(`not opened: ${message}`);
      resolve();
    });
  });
}
