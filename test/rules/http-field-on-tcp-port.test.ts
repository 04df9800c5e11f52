import { httpFieldOnTcpPort } from '../../src/rules/http-field-on-tcp-port';
import { testRule } from '../support/rules';

testRule(httpFieldOnTcpPort, {});
