/** Every tree is proved before it is written; index.ts loads this, and nothing else does. */
import { addTreeCheck } from '../constructs/tree-checks';
import { prove } from './proof';

addTreeCheck((context, files) => prove(context, files).problems);
