// What a program used, told on descriptor 3 when it ends: `node --require bench/usage.cjs program.js`.

const { writeSync } = require('node:fs');

process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  const mebibytes = process.resourceUsage().maxRSS / 1024;
  writeSync(3, JSON.stringify({ seconds: (user + system) / 1e6, mebibytes }));
});
