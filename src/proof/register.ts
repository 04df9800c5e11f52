/** Every tree is proved before it is written; index.ts loads this, and nothing else does. */
import { addTreeCheck } from '../constructs/tree-checks';
import { proofOfTree } from './proof-of-tree';

addTreeCheck((tree) => proofOfTree(tree).problems);
