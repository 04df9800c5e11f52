// Generates the Python, Java and Go packages from the jsii assembly into .jsii-dist/ (code only:
// enough to see that every language can be served, and needs no JDK or Go).

import { rmSync } from 'node:fs';
import path from 'node:path';
import './build.mjs';
import { fail, root, tool } from './run.mjs';

rmSync(path.join(root, '.jsii-dist'), { recursive: true, force: true });

// --no-npmignore: what is packed is decided by "files" in package.json.
const targets = ['python', 'java', 'go'].flatMap((language) => ['--target', language]);
const args = ['--code-only', '--no-npmignore', ...targets];
const { ok, output } = tool('jsii-pacmak', 'jsii-pacmak', args, { quiet: true });
if (!ok) fail(`${output}\npackage: jsii-pacmak failed`);
