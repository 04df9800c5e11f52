import { serviceEntryRefused } from '../../src/rules/service-entry-refused';
import { testRule } from '../support/rules';

testRule(serviceEntryRefused, {});
