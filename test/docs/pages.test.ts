/**
 * Every construct has its page, every page is found from an index, every link leads somewhere.
 * What stands in the pages is checked by `npm run docs:check`.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Construct } from 'constructs';
import * as library from '../../src';

const ROOT = join(__dirname, '..', '..');
const HEADINGS = [
  'What it does',
  'Example',
  'What it writes',
  'What it isolates, and when it writes nothing',
  'Names',
  'Common mistakes',
  'See also',
];
const INDEXES = ['README.md', 'docs/README.md', 'docs/rules/README.md'];

/** Written by jsii-docgen: a page of anchors that only it knows. */
const GENERATED = 'docs/API.md';

const PAGES = markdownBelow('docs').filter((page) => page !== GENERATED);
const CONSTRUCT_PAGES = PAGES.filter((page) => page.startsWith('docs/constructs/'));

describe('pages of constructs', () => {
  it.each(documentedClasses())('there is one for %s, which stands in its title', (name) => {
    const titles = CONSTRUCT_PAGES.map((page) => textOf(page).split('\n')[0] ?? '');
    const of = titles.filter((title) => new RegExp(`^# .*\\b${name}\\b`).test(title));
    expect(of).toHaveLength(1);
  });

  it.each(CONSTRUCT_PAGES)('%s has all headings, in order', (page) => {
    const headings = proseOf(page).flatMap((line) => /^## (.*)$/.exec(line)?.[1] ?? []);
    expect(headings).toEqual(HEADINGS);
  });

  it.each(CONSTRUCT_PAGES)('%s has an example and shows what it wrote', (page) => {
    expect(textOf(page)).toMatch(/^<!-- example: .* -->\n\n```ts\n/m);
    expect(textOf(page)).toMatch(/^<!-- output: .* -->\n\n```yaml\n/m);
  });
});

describe('all pages', () => {
  it.each(PAGES.filter((page) => !INDEXES.includes(page)))('%s is linked from an index', (page) => {
    expect(INDEXES.flatMap((index) => linksOf(index).map(({ file }) => file))).toContain(page);
  });

  it.each([...PAGES, 'README.md'])('every relative link of %s resolves', (page) => {
    const broken = linksOf(page).filter(({ file, anchor }) => {
      if (!existsSync(join(ROOT, file))) return true;
      return anchor !== undefined && file !== GENERATED && !anchorsOf(file).includes(anchor);
    });
    expect(broken.map(({ link }) => link)).toEqual([]);
  });
});

/** Constructs and components that a user can make. */
function documentedClasses(): string[] {
  return Object.entries(library)
    .filter(([, value]) => typeof value === 'function' && isDocumented(value.prototype))
    .map(([name]) => name);
}

function isDocumented(prototype: unknown): boolean {
  return prototype instanceof Construct || prototype instanceof library.Component;
}

function markdownBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map((file) => `${folder}/${String(file).replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.md'))
    .sort();
}

function textOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** Lines outside of code blocks. */
function proseOf(page: string): string[] {
  let code = false;
  return textOf(page)
    .split('\n')
    .filter((line) => {
      if (line.startsWith('```')) code = !code;
      return !code && !line.startsWith('```');
    });
}

interface Link {
  readonly link: string;
  readonly file: string;
  readonly anchor?: string;
}

/** Links to files of the repository, from its top folder. */
function linksOf(page: string): Link[] {
  const links = proseOf(page)
    .join('\n')
    .matchAll(/\]\(([^)\s]+)\)/g);
  return [...links].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page : join(dirname(page), path).replaceAll('\\', '/');
    return [{ link, file, anchor }];
  });
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return proseOf(page)
    .flatMap((line) => /^#+ (.*)$/.exec(line)?.[1] ?? [])
    .map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    );
}
