// The system's Chromium for browser tests.
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { root } from '../launch/paths.mjs';

const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Pictures made by the tests, for the docs. */
export const pictures = path.join(root, 'docs', 'pictures');

/** The browser's path; undefined where none is installed. */
export function findBrowser() {
  return [process.env.SWITCHYARD_CHROMIUM, ...CANDIDATES].find(
    file => file && fs.existsSync(file),
  );
}

/** Why browser tests cannot run here. Never a reason in CI: there they fail instead. */
export function reasonToSkip() {
  if (findBrowser() || process.env.CI) return false;
  return `no Chromium at ${CANDIDATES.join(', ')}; set SWITCHYARD_CHROMIUM`;
}

export async function launchBrowser() {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error('No Chromium is installed');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A window of its own, in which a page will be signed in as a person of the sandbox. */
export async function openWindow(
  browser,
  person,
  { theme = 'light', width = 1440, height = 1000 } = {},
) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.addInitScript(
    ([name, mode]) => {
      window.sessionStorage.setItem('switchyard.person', name);
      window.localStorage.setItem('theme', mode);
    },
    [person, theme],
  );
  page.problems = [];
  page.on('pageerror', error => page.problems.push(String(error)));
  return page;
}

/** A page in a window of its own, signed in as a person of the sandbox. */
export async function signIn(browser, url, person, options) {
  const page = await openWindow(browser, person, options);
  await page.goto(url);
  return page;
}

/** Saves a picture for the docs. */
export async function picture(page, name) {
  fs.mkdirSync(pictures, { recursive: true });
  await page.screenshot({
    path: path.join(pictures, `${name}.png`),
    fullPage: false,
  });
}
