/** How every module and every service of the platform looks. */
import { Port, PortPurpose } from 'cdk8s-ml-netpol';
import type { ComponentWorkloadProps, MlModule, MlPlatform, Workload } from 'cdk8s-ml-netpol';

const METRICS = Port.http(9090, { name: 'metrics', purpose: PortPurpose.METRICS });

/** A module: one namespace with the platform's baseline, labelled with the module's name. */
export function module(platform: MlPlatform, name: string): MlModule {
  return platform.module(name, { labels: { 'practicus-module': name } });
}

/** A service with metrics, which runs as its own service account. */
export function service(
  home: MlModule,
  app: string,
  props: Partial<ComponentWorkloadProps> = {},
): Workload {
  return home.workload(app, {
    serviceAccount: app,
    ...props,
    labels: { app },
    ports: [...(props.ports ?? []), METRICS],
  });
}
