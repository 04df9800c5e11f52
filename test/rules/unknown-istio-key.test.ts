import { unknownIstioKey } from '../../src/rules/unknown-istio-key';
import { testRule } from '../support/rules';

testRule(unknownIstioKey, {});
