import { jobWithSidecar } from '../../src/rules/job-with-sidecar';
import { testRule } from '../support/rules';

testRule(jobWithSidecar, {});
