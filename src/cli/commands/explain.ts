import { answer } from '../answer';
import { CannotAnswer } from '../cannot-answer';
import type { Command } from '../command';
import { parsePort, parseRequest } from '../connection';
import { checkPolicies, openAnalysis } from '../inputs';
import { Names } from '../names';
import { ANSWERS, NAMESPACE, READS } from '../options';
import { outputsOf } from '../outputs';

export const explain: Command = {
  name: 'explain',
  summary: 'Why one connection is allowed or denied: by which policy, in which file and line',
  takes: 'FROM TO PROTO/PORT PATH...',
  options: {
    http: { type: 'string', value: "'METHOD path'", summary: 'one request on the connection' },
    host: { type: 'string', value: 'name', summary: 'the host that the request is for' },
    ...NAMESPACE,
    ...ANSWERS,
    ...READS,
  },
  examples: [
    'explain ml-training/bert mlflow/mlflow TCP/5000 dist/',
    'explain llm-api/gateway llm-serving/Service/model-api TCP/80 dist/',
    "explain ml-jobs/scorer llm-serving/model-api TCP/8080 --http 'POST /v1/predict' dist/",
  ],
  async run(args, context) {
    const [from, to, connection, ...paths] = args.positionals;
    if (from === undefined || to === undefined || connection === undefined) {
      const got = args.positionals.join(' ');
      throw new CannotAnswer([
        `explain: got ${got || 'nothing'}, expected FROM TO PROTO/PORT PATH...`,
      ]);
    }
    const outputs = outputsOf(args, 'explain');
    const port = parsePort('explain', connection);
    const http = args.text('http');
    const request = http === undefined ? {} : parseRequest('--http', http);
    const host = args.text('host');
    const analysis = await openAnalysis(paths, args, context);
    checkPolicies([analysis], paths, args);
    const names = new Names(analysis.workloads, args.text('namespace'), analysis.services);
    const result = analysis.explain({
      from: names.one('from', from),
      to: names.called('to', to),
      ...port,
      ...request,
      ...(host === undefined ? {} : { host }),
    });
    return answer(result, outputs, args, context);
  },
};
