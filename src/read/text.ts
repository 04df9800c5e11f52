/**
 * Bytes of a file -> text, or a problem that names the file.
 *
 * UTF-8, and UTF-16 where a byte order mark says so. Bytes that are no UTF-8 cost only the documents
 * that they stand in: they are read as U+FFFD, and `invalid` says that such characters are errors.
 */
import type { ReadProblem } from './resource';

/** Above it a file is not opened: V8 holds no longer string. */
export const FILE_LIMIT = 256 * 1024 * 1024;

export interface Text {
  readonly text: string;
  /** Whether bytes were no UTF-8; U+FFFD stands for them. */
  readonly invalid: boolean;
}

/** NUL this early is no text in any encoding that manifests have. */
const LOOKED_AT = 8192;

/** The text of the bytes; a problem for what is no text. */
export function textOfBytes(file: string, bytes: Uint8Array): Text | ReadProblem {
  if (bytes.length > FILE_LIMIT) return tooLarge(file, bytes.length);
  const encoding = encodingOf(bytes);
  if (encoding === 'utf-8' && bytes.subarray(0, LOOKED_AT).includes(0)) {
    return {
      code: 'binary',
      at: { file, line: 1, column: 1 },
      got: 'a file with NUL bytes',
      expected: 'text in UTF-8',
      fix: 'leave the file out, or save it as UTF-8',
    };
  }
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), invalid: false };
  } catch {
    return { text: new TextDecoder(encoding).decode(bytes), invalid: true };
  }
}

export function tooLarge(file: string, bytes: number): ReadProblem {
  return {
    code: 'file-too-large',
    at: { file, line: 1, column: 1 },
    got: `${bytes} bytes`,
    expected: `at most ${FILE_LIMIT} bytes in one file`,
    fix: 'split the file; there may be any number of them',
    lost: {
      kind: 'unknown',
      name: file,
      at: { file, line: 1, column: 1 },
      why: `file of ${bytes} bytes was not read`,
    },
  };
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
