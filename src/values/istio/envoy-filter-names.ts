/**
 * Names of Envoy filters that an EnvoyFilter matches by.
 *
 * Source: istio/istio:pkg/config/xds/deprecated.go
 */

/** The filter under its present and its former name. */
export const HTTP_CONNECTION_MANAGERS = [
  'envoy.filters.network.http_connection_manager',
  'envoy.http_connection_manager',
];

/** Former names, which Istio still understands. */
export const DEPRECATED_FILTERS = [
  'envoy.buffer',
  'envoy.cors',
  'envoy.csrf',
  'envoy.http_dynamo_filter',
  'envoy.ext_authz',
  'envoy.fault',
  'envoy.grpc_http1_bridge',
  'envoy.grpc_json_transcoder',
  'envoy.grpc_web',
  'envoy.gzip',
  'envoy.health_check',
  'envoy.ip_tagging',
  'envoy.lua',
  'envoy.rate_limit',
  'envoy.router',
  'envoy.squash',
  'envoy.listener.http_inspector',
  'envoy.listener.original_dst',
  'envoy.listener.original_src',
  'envoy.listener.proxy_protocol',
  'envoy.listener.tls_inspector',
  'envoy.client_ssl_auth',
  'envoy.http_connection_manager',
  'envoy.mongo_proxy',
  'envoy.ratelimit',
  'envoy.redis_proxy',
  'envoy.tcp_proxy',
];
