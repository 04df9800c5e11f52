/**
 * How many requests each user of a workload sends, counted by a rate-limit service.
 */
import type { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { ClusterProfile } from '../cluster/profile';
import { seesRequests } from '../render/istio/request-targets';
import { grpcPortOf } from '../render/istio/service-ports';
import { Port } from '../values/port';
import { refuse } from '../values/problem';
import type { RequestProps } from './about-requests';
import { aboutRequests, checkedMilliseconds, checkedPortList } from './about-requests';
import { declareFlow, declareForMesh } from './declare';
import { flowOf } from './flow-options';
import { treeOf } from './tree';
import type { Workload } from './workload';

/** What tells users apart. */
export class UserKey {
  /**
   * A claim of the request's token, whose value is text; `sub` is the user. The workload must
   * validate tokens (`JwtAuthentication`).
   */
  public static claim(name: string): UserKey {
    if (typeof name !== 'string' || name.trim() === '') {
      refuse({
        code: 'user-key',
        where: 'UserKey.claim',
        got: name,
        expected: 'the name of a claim',
        fix: `UserKey.claim('sub')`,
      });
    }
    return new UserKey('claim', name);
  }

  /** A request header. Clients may send any: only for headers that a gateway sets. */
  public static header(name: string): UserKey {
    if (typeof name !== 'string' || !/^[a-z0-9][-a-z0-9_]*$/i.test(name)) {
      refuse({
        code: 'user-key',
        where: 'UserKey.header',
        got: name,
        expected: 'the name of a header: letters, digits, "-" and "_"',
        fix: `UserKey.header('x-user-id')`,
      });
    }
    return new UserKey('header', name.toLowerCase());
  }

  private constructor(
    private readonly kind: 'claim' | 'header',
    private readonly name: string,
  ) {
    Object.freeze(this);
  }

  /** @internal */
  public get _data(): { readonly kind: 'claim' | 'header'; readonly name: string } {
    return { kind: this.kind, name: this.name };
  }

  /** Readable form: `claim sub`. */
  public toString(): string {
    return `${this.kind} ${this.name}`;
  }
}

/** What happens to requests while the rate-limit service does not answer. */
export enum WhenUnavailable {
  /** They pass uncounted: a failure of the service is no failure of the workload. */
  ALLOW = 'allow',
  /** They are refused: nobody gets past the limit by overloading the service. */
  DENY = 'deny',
}

/** The workload, its users, and who counts. */
export interface UserRateLimitProps extends RequestProps {
  /** What tells users apart. Requests without it count as one user, `anonymous`. */
  readonly user: UserKey;

  /**
   * The rate-limit service (envoyproxy/ratelimit or compatible), with one gRPC port behind a
   * Service. How many requests a user may send is its configuration.
   */
  readonly service: Workload;

  /** What happens while the service does not answer. */
  readonly whenUnavailable: WhenUnavailable;

  /**
   * Domain of the service's configuration.
   *
   * @default - `namespace/name` of the workload, so that no other workload's requests count
   */
  readonly domain?: string;

  /**
   * Key of the descriptor in that domain, whose value is the user.
   *
   * @default 'user'
   */
  readonly descriptor?: string;

  /**
   * How long the service may take to answer.
   *
   * @default Duration.millis(100)
   */
  readonly timeout?: Duration;

  /**
   * Ports that are limited: HTTP ports behind a Service of the workload.
   *
   * @default - every HTTP port of purpose service
   */
  readonly ports?: Port[];
}

/**
 * Limits the requests of each user: the workload's proxies ask a rate-limit service, and answer what
 * is more with 429. The flow to the service is declared with it. Requests are counted after identity
 * and token are checked.
 *
 * @see https://istio.io/latest/docs/tasks/policy-enforcement/rate-limit/
 */
export class UserRateLimit extends Construct {
  constructor(scope: Construct, id: string, props: UserRateLimitProps) {
    super(scope, id);
    const { path } = this.node;
    const { workload, service, user, timeout, descriptor = 'user' } = props;
    const { domain = workload.peerName } = props;
    checkText(`${path}: domain`, domain, `domain: 'ml-inference'`);
    checkText(`${path}: descriptor`, descriptor, `descriptor: 'user'`);
    declareForMesh(this, {
      kind: 'user-rate-limit',
      ...aboutRequests(this, props),
      ports: checkedPortList(this, props.ports),
      key: user._data,
      domain,
      descriptor,
      service: { namespace: service.namespaceName, workload: service.workloadName },
      timeout: timeout === undefined ? 100 : checkedMilliseconds(`${path}: timeout`, timeout),
      denyWhenUnavailable: checkedDeny(path, props.whenUnavailable),
    });
    this.declareCall(props);
  }

  /** What the proxies ask; without a proxy nobody does. */
  private declareCall({ workload, service, reason }: UserRateLimitProps): void {
    const { model } = treeOf(this);
    const caller = model.workloads.get(workload.peerName);
    const port = grpcPortOf(model.workloads.get(service.peerName));
    // without the service's port, synth says what is missing
    if (caller === undefined || port === undefined) return;
    const ends = { from: workload, to: service, by: this.node.path };
    const flow = flowOf(ends, {
      ports: [Port.grpc(port.podPort)],
      reason: reason ?? `requests of each user of ${workload.peerName} are counted`,
    });
    ClusterProfile._whenProvided(this, (profile) => {
      if (seesRequests({ model, profile }, caller, 'user-rate-limit')) declareFlow(this, flow);
    });
  }
}

function checkText(where: string, got: string, fix: string): void {
  if (typeof got === 'string' && got.trim() !== '') return;
  refuse({ code: 'empty-text', where, got, expected: 'text', fix });
}

/** Enums are only compile-time checks. */
function checkedDeny(path: string, got: WhenUnavailable): boolean {
  const values = Object.values(WhenUnavailable);
  if (values.includes(got)) return got === WhenUnavailable.DENY;
  return refuse({
    code: 'when-unavailable',
    where: `${path}: whenUnavailable`,
    got,
    expected: `one of ${values.join(', ')}`,
    fix: 'whenUnavailable: WhenUnavailable.ALLOW',
  });
}
