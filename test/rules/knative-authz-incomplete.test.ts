import { knativeAuthzIncomplete } from '../../src/rules/knative-authz-incomplete';
import { testRule } from '../support/rules';

testRule(knativeAuthzIncomplete, {});
