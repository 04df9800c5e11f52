import { hboneBlocked } from '../../src/rules/hbone-blocked';
import { testRule } from '../support/rules';

testRule(hboneBlocked, {});
