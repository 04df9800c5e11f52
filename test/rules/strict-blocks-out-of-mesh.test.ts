import { strictBlocksOutOfMesh } from '../../src/rules/strict-blocks-out-of-mesh';
import { testRule } from '../support/rules';

testRule(strictBlocksOutOfMesh, {});
