#!/usr/bin/env node
/**
 * The program `ml-netpol`: connects `run` with the process. Sets the exit code and lets the streams
 * drain: ending the process would cut off what a pipe has not taken yet.
 */
import { text } from 'node:stream/consumers';
import { packageInfo } from '../values/package-info';
import { today } from '../values/today';
import type { Io, Sink } from './io';
import { run } from './run';

const io: Io = {
  stdin: () => text(process.stdin),
  stdout: sinkOf(process.stdout),
  stderr: sinkOf(process.stderr),
  env: process.env,
};

const program = {
  argv: process.argv.slice(2),
  version: packageInfo().version,
  analyzer: () =>
    (require('./engine-analysis') as typeof import('./engine-analysis')).engineAnalyzer(today()),
};

void run(program, io).then((code) => {
  process.exitCode = code;
});

function sinkOf(stream: NodeJS.WriteStream): Sink {
  let open = true;
  // `ml-netpol reach dist/ | head` closes the pipe: nothing is wrong
  stream.on('error', () => {
    open = false;
  });
  return {
    isTTY: stream.isTTY,
    write: (piece) =>
      new Promise((resolve) => {
        if (!open) resolve(false);
        else stream.write(piece, () => resolve(open));
      }),
  };
}
