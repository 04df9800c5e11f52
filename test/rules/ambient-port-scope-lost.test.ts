import { ambientPortScopeLost } from '../../src/rules/ambient-port-scope-lost';
import { testRule } from '../support/rules';

testRule(ambientPortScopeLost, {});
