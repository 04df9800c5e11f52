import { istiodBlocked } from '../../src/rules/istiod-blocked';
import { testRule } from '../support/rules';

testRule(istiodBlocked, {});
