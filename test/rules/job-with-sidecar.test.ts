import { jobWithSidecar } from '../../src/rules/job-with-sidecar';
import { testRule } from '../support/rules';

const { yaml: bad } = jobWithSidecar.examples.bad;

testRule(jobWithSidecar, {
  valid: [
    {
      title: 'a job outside the mesh',
      yaml: bad.replace(
        'metadata: {  }',
        'metadata: { labels: { sidecar.istio.io/inject: "false" } }',
      ),
    },
    {
      title: 'an ambient mesh',
      yaml: bad.replace('istio-injection: enabled', 'istio.io/dataplane-mode: ambient'),
    },
    {
      title: 'a Deployment',
      yaml: bad.replace('batch/v1', 'apps/v1').replace('kind: Job', 'kind: Deployment'),
    },
    {
      title: 'a job that ends its proxy',
      yaml: bad.replace(
        'image: bert',
        'image: bert, command: [sh, -c, "train; curl -X POST localhost:15020/quitquitquit"]',
      ),
    },
  ],
  invalid: [
    {
      title: 'a CronJob',
      yaml: `
apiVersion: batch/v1
kind: CronJob
metadata: { name: bert, namespace: ml-training }
spec: { jobTemplate: { spec: { template: { metadata: { labels: { sidecar.istio.io/inject: 'true' } }, spec: { containers: [{ name: main }] } } } } }
`,
      found: [{ at: '2:1', object: 'CronJob ml-training/bert', got: 'a classic sidecar' }],
    },
  ],
});
