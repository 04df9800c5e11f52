import { jwtRuleWithoutAuthentication } from '../../src/rules/jwt-rule-without-authentication';
import { testRule } from '../support/rules';

testRule(jwtRuleWithoutAuthentication, {});
