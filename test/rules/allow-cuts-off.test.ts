import { allowCutsOff } from '../../src/rules/allow-cuts-off';
import { testRule } from '../support/rules';

testRule(allowCutsOff, {});
