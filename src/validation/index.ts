/**
 * The plug-in of `cdk8s synth`: lint over what was just written. The command line loads the class by
 * its name from the package's main module; rules are loaded when it validates.
 */
import type { Context } from './context';
import type { Settings } from './settings';
import { settingsOf } from './settings';

/**
 * A validation plug-in of cdk8s-cli, for the key `validations` of `cdk8s.yaml`; not for code.
 *
 * @internal
 */
export class PolicyValidation {
  private readonly settings: Settings;

  /** Gets the `properties` of the entry in `cdk8s.yaml`. */
  constructor(properties: unknown = {}) {
    this.settings = settingsOf(properties);
  }

  /** Reports what lint finds in the manifests. */
  validate(context: Context): Promise<void> {
    const { report } = require('./report') as typeof import('./report');
    report(context, this.settings);
    return Promise.resolve();
  }
}
