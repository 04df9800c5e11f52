import { sidecarHostsMissFlow } from '../../src/rules/sidecar-hosts-miss-flow';
import { testRule } from '../support/rules';

testRule(sidecarHostsMissFlow, {});
