/**
 * The script that runs the probes: it says which cluster it is about to touch and what it found there,
 * asks, applies, waits, prints what was seen, and removes what it brought, whatever happens.
 */
import type { World } from '../engine/world';
import { VERIFY } from './objects';
import type { ProbeJob } from './objects';

export function scriptOf(world: World, jobs: readonly ProbeJob[]): string {
  const namespaces = [...new Set(jobs.map(({ namespace }) => namespace))].sort();
  const entries = world.cluster.services.filter(({ type }) => type === 'LoadBalancer');
  const wait = Math.max(0, ...jobs.map(({ seconds }) => seconds));
  return `#!/bin/sh
# sh verify.sh probes.yaml > results.jsonl      (--yes in front of the file: do not ask)
set -eu
say() { printf '%s\\n' "$*" >&2; }
sure=no
if [ "\${1:-}" = --yes ]; then sure=yes; shift; fi
probes=\${1:?the file that ml-netpol verify --plan wrote}

say "context:    $(kubectl config current-context)"
say "API server: $(kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}')"
missing=
for namespace in ${namespaces.join(' ')}; do
  kubectl get namespace "$namespace" -o name >/dev/null 2>&1 || missing="$missing $namespace"
done
if [ -n "$missing" ]; then
  say "no namespace$missing here: is this the cluster of the workloads, and no other one?"
  exit 2
fi
entry() { # namespace, Service: its address, or else its host name
  found=$(kubectl get service --namespace "$1" "$2" -o jsonpath='{.status.loadBalancer.ingress[0].ip}')
  [ -n "$found" ] || found=$(kubectl get service --namespace "$1" "$2" -o jsonpath='{.status.loadBalancer.ingress[0].hostname}')
  say "entry:      $1/$2 at \${found:-no address yet}"
}
${entries.map(({ namespace, name }) => `entry ${namespace} ${name}\n`).join('')}say "about to run ${jobs.length} Jobs in: ${namespaces.join(' ')}"
if [ $sure = no ]; then
  printf 'go on? [y/N] ' >&2
  read -r answer
  [ "$answer" = y ] || exit 2
fi

remove() { kubectl delete -f "$probes" --ignore-not-found --wait=false >/dev/null; }
trap remove EXIT
trap 'exit 130' INT TERM
kubectl apply -f "$probes" >&2
for namespace in ${namespaces.join(' ')}; do
  kubectl wait job --namespace "$namespace" -l ${VERIFY}=probe --for=condition=complete --timeout=${wait}s >&2 ||
    say "not all Jobs of $namespace have ended: what they did not report counts as not seen"
done
${jobs.map(({ namespace, name }) => `kubectl logs --namespace ${namespace} job/${name} -c probe || true\n`).join('')}`;
}
